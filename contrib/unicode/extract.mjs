// Writes src/fold/data/unicode.tsv: the few Unicode 18.0 properties that folding reads.
// Run in a folder where `npm install @unicode/unicode-18.0.0` has been done:
//     node extract.mjs > unicode.tsv
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
const require = createRequire(pathToFileURL(process.cwd() + '/'));
const base = '@unicode/unicode-18.0.0/';
const load = async (path) =>
  (await import(pathToFileURL(require.resolve(base + path + '/code-points.mjs')))).default;

const arabic = new Set(await load('Script/Arabic'));
const latin = new Set(await load('Script/Latin'));
const letters = await load('General_Category/Letter');
const marks = await load('General_Category/Mark');
const nonspacing = await load('General_Category/Nonspacing_Mark');
// Arabic letters that join: the shapes FOLDING relies on for tatweel and Farsi yeh.
const arabicBlock = (c) => (c >= 0x600 && c <= 0x6ff) || (c >= 0x750 && c <= 0x77f) ||
  (c >= 0x870 && c <= 0x8ff) || (c >= 0x10ec0 && c <= 0x10eff);
const classes = {
  letter: letters,
  mark: marks,
  digit: await load('General_Category/Decimal_Number'),
  punctuation: await load('General_Category/Punctuation'),
  space: await load('Binary_Property/White_Space'),
  ignorable: await load('Binary_Property/Default_Ignorable_Code_Point'),
  latin: letters.filter((c) => latin.has(c)),
  arabic: letters.filter((c) => arabic.has(c) && arabicBlock(c) && c !== 0x640),
  dual: (await load('Joining_Type/Dual_Joining')).filter((c) => arabic.has(c) && arabicBlock(c)),
  vowel: nonspacing.filter((c) => arabicBlock(c)),
};
console.log('# Unicode 18.0 properties that folding reads, as ranges of code points: class, first, last.');
console.log('# Extracted from the Unicode Character Database by contrib/unicode/extract.mjs. Licence: Unicode-3.0, see LICENSE-UNICODE.');
console.log('# letter, mark, digit, punctuation: General_Category L, M, Nd, P. space: White_Space. ignorable: Default_Ignorable_Code_Point.');
console.log('# latin, arabic: letters of that script (arabic: in the Arabic blocks, tatweel left out). dual: Joining_Type=Dual_Joining among them.');
console.log('# vowel: nonspacing marks of the Arabic blocks.');
const hex = (c) => c.toString(16).toUpperCase().padStart(4, '0');
for (const [name, points] of Object.entries(classes)) {
  const sorted = [...points].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length; ) {
    let j = i;
    while (j + 1 < sorted.length && sorted[j + 1] === sorted[j] + 1) j++;
    console.log(`${name}\t${hex(sorted[i])}\t${hex(sorted[j])}`);
    i = j + 1;
  }
}
