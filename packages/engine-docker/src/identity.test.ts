import { expect, test } from "vitest";
import { identify } from "./identity.ts";

const files = {
  passwd: "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:App:/home/app:/bin/sh\nhomeless:x:7:7:::\n",
  group: "root:x:0:\nstaff:x:50:app\n",
};

test.for([
  ["", undefined, 0, 0, "/root"],
  ["app", undefined, 1000, 1001, "/home/app"],
  ["1000", undefined, 1000, 1001, "/home/app"],
  ["app:staff", undefined, 1000, 50, "/home/app"],
  ["app:77", undefined, 1000, 77, "/home/app"],
  ["4242", undefined, 4242, 0, "/"],
  ["homeless", undefined, 7, 7, "/"],
  ["app", "/tekton/home", 1000, 1001, "/tekton/home"],
] as const)("user %j with HOME %j is %i:%i at %s", ([user, home, uid, gid, wanted]) => {
  expect(identify(user, home, files)).toEqual({ uid, gid, home: wanted });
});

test("an image without account files has root in /", () => {
  expect(identify("", undefined, { passwd: "", group: "" })).toEqual({ uid: 0, gid: 0, home: "/" });
});
