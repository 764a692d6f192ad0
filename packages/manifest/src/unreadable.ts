/** Characters that go-yaml's reader refuses wherever they stand; escaped in double quotes they may be meant. */
// oxlint-disable-next-line no-control-regex
export const unreadable: RegExp = /[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/u;
