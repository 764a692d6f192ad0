import { type Instant } from "./event.ts";

const day = 86_400_000;

/** RFC 3339 in UTC, whole seconds, as Kubernetes writes times. */
export function formatInstant(at: Instant): string {
  const days = Math.floor(at / day);
  const seconds = Math.floor((at - days * day) / 1000);
  const { year, month, date } = civil(days);
  const clock = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return `${pad(year, 4)}-${pad(month)}-${pad(date)}T${clock.map((each) => pad(each)).join(":")}Z`;
}

const written =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<date>\d\d)T(?<hour>\d\d):(?<minute>\d\d):(?<second>\d\d)(?:\.(?<fraction>\d{1,9}))?(?:Z|(?<sign>[+-])(?<zoneHour>\d\d):(?<zoneMinute>\d\d))$/u;

/** The instant of an RFC 3339 time, to the millisecond; undefined where it is none. */
export function parseInstant(text: string): Instant | undefined {
  const parts = written.exec(text)?.groups;
  if (parts === undefined) return undefined;
  const number = (name: string): number => Number(parts[name] ?? 0);
  const [month, date, hour] = [number("month"), number("date"), number("hour")];
  if (month < 1 || month > 12 || date < 1 || date > 31 || hour > 23 || number("minute") > 59 || number("second") > 60)
    return undefined;
  const time = ((hour * 60 + number("minute")) * 60 + number("second")) * 1000;
  const fraction = Math.floor(Number(`0.${parts["fraction"] ?? "0"}`) * 1000);
  const zone = (parts["sign"] === "-" ? -1 : 1) * (number("zoneHour") * 60 + number("zoneMinute")) * 60_000;
  return daysFrom(number("year"), month, date) * day + time + fraction - zone;
}

/** Days since 1970 to a date; Howard Hinnant's `civil_from_days`, years beginning in March. */
function civil(days: number): { readonly year: number; readonly month: number; readonly date: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const ofEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (ofEra - Math.floor(ofEra / 1460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  );
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * ofYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    date: ofYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  };
}

function daysFrom(year: number, month: number, date: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + date - 1;
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + ofYear - 719_468;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
