// Rules of the house that no linter knows: no line over 120 characters, no file over 400 lines, a first line that says
// what a file is for, a docstring on every export (with what it throws), no cast without its reason, no list of more
// than four positional parameters without its reason, tests that mirror rooms, one version.
import { readFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import ts from 'typescript';

const LONGEST_LINE = 120;
const MOST_LINES = 400;
const MOST_POSITIONAL = 4;
/** Functions of more, each with its reason (`Positional: ...` in its docstring); the number may only fall. */
const MOST_LONG_LISTS = 9;

const listed = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' }).split('\n');
const files = [...new Set(listed)].filter(
  (file) => /\.(tsx?|mts|mjs|cjs|js|sh)$|^\.ci\/run$/.test(file) && !file.includes('/generated/'),
);
const faults = [];
let casts = 0;
let longLists = 0;

/** Casts (but for `as const`) whose reason does not stand in the comment `// Cast: ...` above them. */
function unreasoned(file, source, lines) {
  const visit = (node) => {
    if (ts.isTypeAssertionExpression(node) || (ts.isAsExpression(node) && node.type.getText() !== 'const')) {
      const from = source.getLineAndCharacterOfPosition(node.getStart()).line;
      const reasons = lines
        .slice(Math.max(0, from - 3), from + 1)
        .filter((line) => line.trim().startsWith('// Cast: '));
      if (reasons.length === 0) faults.push(`${file}:${from + 1}: a cast without its reason above it (// Cast: ...)`);
      casts++;
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** Functions with more positional parameters than a reader can tell apart, unless their docstring says why. */
function longListsOf(file, source) {
  const visit = (node) => {
    // What is handed over as an argument has the parameters that its caller has.
    const handedOver = (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && ts.isCallExpression(node.parent);
    if (ts.isFunctionLike(node) && !handedOver && node.parameters.length > MOST_POSITIONAL) {
      const declared = ts.isVariableDeclaration(node.parent) ? node.parent.parent.parent : node;
      if (/\bPositional: \w/.test(docOf(declared))) longLists++;
      else {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart());
        const name = node.name?.getText() ?? node.parent.name?.getText() ?? 'a function';
        faults.push(
          `${file}:${line + 1}: ${name} has ${node.parameters.length} positional parameters, ` +
            `at most ${MOST_POSITIONAL} (a record with names, or "Positional: why" in its docstring)`,
        );
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** Exported declarations without a docstring; re-exports are documented where they are declared. */
function undocumented(file, source) {
  for (const statement of source.statements) {
    const exported =
      ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    if (!exported || ts.getJSDocCommentsAndTags(statement).length > 0) continue;
    const { line } = source.getLineAndCharacterOfPosition(statement.getStart());
    const name = statement.name?.text ?? statement.declarationList?.declarations[0]?.name.getText() ?? 'export';
    faults.push(`${file}:${line + 1}: ${name} has no docstring`);
  }
}

/** Errors that a caller can cause. */
const CAUSED = /^throw new (User|Config|Shape|Range)Error\b/;

/** Whether a body throws what a caller can cause, other than into its own `catch`. */
function throwsCaused(body) {
  let found = false;
  const visit = (node) => {
    if (ts.isThrowStatement(node) && CAUSED.test(node.getText())) found = true;
    ts.forEachChild(node, (child) => {
      if (!(ts.isTryStatement(node) && node.catchClause && child === node.tryBlock)) visit(child);
    });
  };
  visit(body);
  return found;
}

const docOf = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .map((doc) => doc.getText())
    .join(' ');

/** Exported functions and public methods that throw what a caller can cause, and do not say so. */
function silentThrows(file, source) {
  const check = (node, name, body, doc) => {
    if (body === undefined || /@throws|[Tt]hrows/.test(doc) || !throwsCaused(body)) return;
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    faults.push(`${file}:${line + 1}: ${name} throws, and its docstring has no @throws`);
  };
  for (const statement of source.statements) {
    if (
      !ts.canHaveModifiers(statement) ||
      !ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    )
      continue;
    const doc = docOf(statement);
    if (ts.isFunctionDeclaration(statement)) check(statement, statement.name?.text, statement.body, doc);
    if (ts.isVariableStatement(statement))
      for (const { name, initializer } of statement.declarationList.declarations)
        if (initializer && ts.isArrowFunction(initializer)) check(statement, name.getText(), initializer.body, doc);
    if (ts.isClassDeclaration(statement))
      for (const member of statement.members)
        if ('body' in member && member.name?.kind !== ts.SyntaxKind.PrivateIdentifier)
          check(member, member.name?.getText() ?? 'constructor', member.body, `${doc} ${docOf(member)}`);
  }
}

for (const file of files) {
  let text;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    continue; // Deleted, and not yet committed.
  }
  const lines = text.split('\n');
  if (lines.length - 1 > MOST_LINES) faults.push(`${file}: ${lines.length - 1} lines, at most ${MOST_LINES}`);
  lines.forEach((line, i) => {
    if ([...line].length > LONGEST_LINE) faults.push(`${file}:${i + 1}: a line of ${[...line].length} characters`);
  });
  if (!/\.(tsx?|mts|mjs)$/.test(file)) continue;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  longListsOf(file, source);
  if (!file.startsWith('src/') || !/\.tsx?$/.test(file)) continue;
  if (!/^(#!.*\n)?\/\/ \S/.test(text)) faults.push(`${file}: the first line does not say what the file is for`);
  undocumented(file, source);
  silentThrows(file, source);
  unreasoned(file, source, lines);
}

// Tests mirror the rooms of src; beside them stands what looks at several.
const BESIDE_ROOMS = ['corpus', 'docs', 'examples', 'fuzz', 'library', 'properties', 'robustness', 'walk'];
const rooms = new Set([...BESIDE_ROOMS, ...files.flatMap((file) => /^src\/([^/]+)\//.exec(file)?.[1] ?? [])]);
for (const folder of new Set(files.flatMap((file) => /^test\/([^/]+)\//.exec(file)?.[1] ?? [])))
  if (!rooms.has(folder)) faults.push(`test/${folder}: src has no such room, and it is not one of ${BESIDE_ROOMS}`);

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const [, model] = /VERSION = '([^']+)'/.exec(readFileSync('src/config/version.ts', 'utf8')) ?? [];
if (version !== model) faults.push(`package.json: version ${version}, but src/config/version.ts says ${model}`);

if (longLists > MOST_LONG_LISTS)
  faults.push(`${longLists} functions with long lists of parameters, at most ${MOST_LONG_LISTS}`);

for (const fault of faults) console.error(fault);
if (faults.length > 0) {
  console.error(`${faults.length} faults of style`);
  process.exit(1);
}
console.log(
  `${files.length} files: lines, lengths, first comments, docstrings and version are as they should be; ` +
    `${casts} casts and ${longLists} long lists of parameters, each with its reason`,
);
