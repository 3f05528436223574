// @ts-check
'use strict';

/**
 * @typedef {import('commander').Command} Command
 * @typedef {{names: string[], description: string, takesValue: boolean, takesFile: boolean, choices: string[]}} Choice
 * @typedef {{path: string[], description: string, subcommands: string[], options: Choice[], choices: string[]}} Level
 */

const FILES = /<(?:folder|file|path)>/;

/**
 * @param {import('commander').Option} option
 * @returns {Choice}
 */
function choiceOf(option) {
  return {
    names: [option.short, option.long].filter((name) => name !== undefined && name !== null),
    description: option.description,
    takesValue: option.required || option.optional,
    takesFile: FILES.test(option.flags),
    choices: option.argChoices ?? [],
  };
}

/**
 * The command and all below it, each with what may follow it.
 * @param {Command} command
 * @param {string[]} [path]
 * @param {Choice[]} [inherited]
 * @returns {Level[]}
 */
function levelsOf(command, path = [], inherited = []) {
  const help = command.createHelp();
  const own = help.visibleOptions(command).map(choiceOf);
  const options = [...own, ...inherited.filter((one) => !own.some((mine) => mine.names[0] === one.names[0]))];
  const subcommands = help.visibleCommands(command).filter((one) => one.name() !== 'help');
  const choices = command.registeredArguments.flatMap((argument) => argument.argChoices ?? []);
  const passedOn = path.length === 0 ? options.filter((one) => !one.names.includes('--version')) : inherited;
  const names = subcommands.map((one) => one.name());
  return [
    { path, description: command.description(), subcommands: names, options, choices },
    ...subcommands.flatMap((one) => levelsOf(one, [...path, one.name()], passedOn)),
  ];
}

/** @param {string} text */
const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** @param {Level[]} levels */
function bash(levels) {
  const cases = levels.map(({ path, subcommands, options, choices }) => {
    const words = [...subcommands, ...choices, ...options.flatMap((option) => option.names)];
    return `    ${quoted(path.join(' '))}) words=${quoted(words.join(' '))} ;;`;
  });
  const known = levels.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  const valued = unique(levels.flatMap(({ options }) => options.filter((one) => one.takesValue)));
  const flags = (/** @type {(option: Choice) => boolean} */ chosen) =>
    valued
      .filter(chosen)
      .flatMap((option) => option.names)
      .join('|');
  const listed = valued
    .filter((option) => option.choices.length > 0)
    .map(({ names, choices }) => `  ${names.join('|')}) words=${quoted(choices.join(' '))} ;;`);
  return `# bash completion of fluorite-memory; to use it: source <(fluorite-memory completion bash)
_fluorite_memory() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command='' words='' files='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${command:+$command }$word" in
    ${known.join('|')}) command="\${command:+$command }$word" ;;
    esac
  done
  case $previous in
  ${flags((option) => option.takesFile)}) files=1 ;;
  ${flags((option) => !option.takesFile && option.choices.length === 0)}) ;;
${listed.join('\n')}
  *)
    [[ $current == -* ]] || files=1
    case $command in
${cases.join('\n')}
    esac ;;
  esac
  local IFS=$' \\t\\n'
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  IFS=$'\\n'
  [[ $files && \${#COMPREPLY[@]} -eq 0 ]] && COMPREPLY=($(compgen -f -- "$current"))
  return 0
}
complete -o filenames -F _fluorite_memory fluorite-memory
`;
}

/**
 * Options of the same names once.
 * @param {Choice[]} options
 */
function unique(options) {
  return [...new Map(options.map((option) => [option.names.join(), option])).values()];
}

/** @param {Level[]} levels */
function zsh(levels) {
  const described = (/** @type {string} */ name, /** @type {string} */ text) =>
    quoted(`${name.replaceAll(':', '\\:')}:${text.split('\n')[0]}`);
  const descriptions = new Map(levels.map(({ path, description }) => [path.join(' '), description]));
  const cases = levels.map(({ path, subcommands, options, choices }) => {
    const commands = subcommands.map((name) =>
      described(name, descriptions.get([...path, name].join(' ')) ?? ''),
    );
    const flags = options.flatMap(({ names, description }) =>
      names.map((name) => described(name, description)),
    );
    return `    ${quoted(path.join(' '))}) words=(${[...commands, ...choices.map(quoted)].join(' ')}); flags=(${flags.join(' ')}) ;;`;
  });
  const known = levels.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  return `#compdef fluorite-memory
# zsh completion of fluorite-memory; to use it: source <(fluorite-memory completion zsh)
_fluorite-memory() {
  local command='' word
  local -a words_before words flags
  words_before=(\${words[2,CURRENT-1]})
  local current=\${words[CURRENT]}
  words=()
  for word in $words_before; do
    case "\${command:+$command }$word" in
    ${known.join('|')}) command="\${command:+$command }$word" ;;
    esac
  done
  case $command in
${cases.join('\n')}
  esac
  if [[ $current == -* ]]; then
    _describe option flags
  else
    (( $#words )) && _describe command words
    _files
  fi
}
if [[ $funcstack[1] == _fluorite-memory ]]; then
  _fluorite-memory "$@"
else
  compdef _fluorite-memory fluorite-memory
fi
`;
}

/** @param {Level[]} levels */
function fish(levels) {
  const lines = levels.flatMap(({ path, subcommands, options, choices }) => {
    const condition =
      path.length === 0
        ? '__fish_use_subcommand'
        : path.map((name) => `__fish_seen_subcommand_from ${name}`).join('; and ');
    const start = `complete -c fluorite-memory -n ${quoted(condition)}`;
    const names = [...subcommands, ...choices].map((name) => {
      const level = levels.find((one) => one.path.join(' ') === [...path, name].join(' '));
      return `${start} -f -a ${quoted(name)}${level ? ` -d ${quoted(level.description.split('\n')[0])}` : ''}`;
    });
    const flags = options.map(({ names: flag, description, takesValue, takesFile, choices: values }) => {
      const short = flag.find((name) => !name.startsWith('--'));
      const long = flag.find((name) => name.startsWith('--'));
      return [
        start,
        short ? `-s ${short.slice(1)}` : '',
        long ? `-l ${long.slice(2)}` : '',
        takesValue ? (takesFile ? '-r' : '-x') : '',
        values.length > 0 ? `-a ${quoted(values.join(' '))}` : '',
        `-d ${quoted(description)}`,
      ]
        .filter(Boolean)
        .join(' ');
    });
    return [...names, ...flags];
  });
  return `# fish completion of fluorite-memory; to use it: fluorite-memory completion fish | source\n${lines.join('\n')}\n`;
}

const SHELLS = { bash, zsh, fish };

/**
 * @param {keyof typeof SHELLS} shell
 * @param {Command} program
 */
function completionScript(shell, program) {
  return SHELLS[shell](levelsOf(program));
}

module.exports = { completionScript, levelsOf };
