// What a client got for its requests; each prints one. The Go clients print the same.
export interface Report {
  first: string | null;
  again: string | null;
  same: boolean;
  uploaded: number;
  row: string | undefined;
  pages: number;
  listed: string[];
  got: string;
  status: number;
  field: string | undefined;
  code: string | undefined;
  exported: string;
}

// The file that the clients upload, as a program that made it has it.
export const file = "groupName,phones\nFrom a file 1,+5544999990001\nFrom a file 2,+5544999990002\nWithout people,\n";

// The first cells of a CSV whose cells hold no line breaks.
export function firstCells(csv: string): string {
  return csv
    .replace("\uFEFF", "")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(/[,;]/)[0].replaceAll('"', "") + ";")
    .join("");
}
