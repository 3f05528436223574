#!/usr/bin/env node
// @ts-check
'use strict';

// Writes docs/command-line.md: the help texts of the command line in the frame that stands here.

const fs = require('node:fs');
const path = require('node:path');
const { EXIT } = require('../cli/failure.js');
const { useLanguage } = require('../cli/language.js');
const { buildProgram, commandGroups } = require('../cli/program.js');

const PAGE = path.join(__dirname, '..', 'docs', 'command-line.md');
const COLUMNS = 100;

/** @type {Record<keyof typeof EXIT, string>} */
const EXIT_CODES = {
  done: 'It is done.',
  failed: 'It failed; standard error says why and what to do.',
  wrong_usage: 'The command line is wrong: an unknown command or option, a missing or wrong value.',
  not_found: 'What was asked for is not there: no such memory, folder or chunk, or nothing was found.',
  problems:
    'It ran, and found problems: `doctor`, `verify`, lines that `import` or steps that `auto-learn` could not do, chunks that `repair` lost.',
  interrupted: 'It was interrupted; what was stored before stays stored.',
};

const HEAD = `# Command line

\`npx fluorite-memory <command>\`, or \`fluorite-memory <command>\` where the package is installed globally. This page is
made from the commands' own help texts: \`npm run docs:command-line\`.

## For every command

- **Results go to standard output**, everything else (progress, notes, errors) to standard error. On a terminal a bar
  shows how long it will take; in a pipe plain lines appear at most every ten seconds.
- **\`--json\`** prints the result as one JSON value, with the fields of [the API](../types/index.d.ts). An error is then one
  JSON object on standard error: \`{"error": {"code", "message"}}\`, its code one of
  [the engine's](troubleshooting.md) or the name of the exit code in capitals. Bytes are \`{"base64": "…"}\`.
- **\`--quiet\`** leaves out progress and notes.
- **Colours** appear on a terminal alone. \`NO_COLOR\` or \`--no-color\` turns them off, \`FORCE_COLOR\` turns them on.
- **Language**: messages are Japanese where \`LC_ALL\`, \`LC_MESSAGES\` or \`LANG\` (the first that is set) begins with \`ja\`;
  \`--lang en\` or \`--lang ja\` says otherwise. Messages of the engine stay English, so that they can be searched for; a
  Japanese frame tells what they mean and what to do.
- **The memory** is the folder that \`--memory\` names, else the configuration (\`FLUORITE_MEMORY_PATH\`,
  \`memory_path\` in a [TOML file](configuration.md)), else the user's own:
  \`$XDG_DATA_HOME/fluorite/memory\` (\`~/.local/share/fluorite/memory\`), on macOS
  \`~/Library/Application Support/fluorite/memory\`. \`learn\`, \`store\`, \`import\`,
  \`auto-learn\` and \`serve\` make it; other commands say that it is not there.
- **Ctrl-C** ends the running work in order and keeps what was stored; a second one ends the process.
`;

/** @param {number} code */
const row = (code) => {
  const [name] = Object.entries(EXIT).find(([, value]) => value === code) ?? [];
  return `| ${code} | ${EXIT_CODES[/** @type {keyof typeof EXIT} */ (name)]} |`;
};

/** @param {import('commander').Command} command */
function helpOf(command) {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
    getOutHelpWidth: () => COLUMNS,
    getOutHasColors: () => false,
  });
  command.configureHelp({ ...command.configureHelp(), showGlobalOptions: false });
  command.outputHelp();
  return text.trim();
}

/**
 * @param {import('commander').Command} command
 * @param {string} name
 * @returns {string[]}
 */
function sections(command, name) {
  const subcommands = command.commands.filter((one) => one.name() !== 'help');
  return [
    `### ${name}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``,
    ...subcommands.flatMap((one) => sections(one, `${name} ${one.name()}`)),
  ];
}

function commandLinePage() {
  useLanguage('en');
  const program = buildProgram();
  const options = helpOf(program).match(/Options:\n([\s\S]*?)\n\n/)?.[1];
  const groups = commandGroups().map(([title, names]) => {
    const commands = names.map((name) => program.commands.find((one) => one.name() === name));
    const texts = commands.flatMap((one) => (one ? sections(one, one.name()) : []));
    return `## ${title.replace(/:$/, '')}\n\n${texts.join('\n\n')}`;
  });
  return `${HEAD}
\`\`\`text
${options}
\`\`\`

## Exit codes

| code | meaning |
|---|---|
${Object.values(EXIT).map(row).join('\n')}

${groups.join('\n\n')}
`;
}

if (require.main === module) fs.writeFileSync(PAGE, commandLinePage());

module.exports = { PAGE, commandLinePage };
