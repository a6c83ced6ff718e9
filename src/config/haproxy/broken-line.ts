// What is wrong with a line, at a place in it: thrown by who reads the line, caught by who began
// to. Never leaves the function that a line is handed to.

export class BrokenLine extends Error {
  /** Of the character that is wrong, in the text that is read. */
  readonly offset: number;
  readonly expected: string | null;

  constructor(offset: number, message: string, expected: string | null) {
    super(message);
    this.offset = offset;
    this.expected = expected;
  }
}
