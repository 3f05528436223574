// @ts-check
'use strict';

const assert = require('node:assert/strict');
const { execFileSync, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { commandNames } = require('../cli/program.js');
const { MAIN, ROOT, runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

const JAPANESE = /[\u3040-\u30ff\u4e00-\u9fff]/;

test('--help names every command, and the help of each gives examples, in both languages', async () => {
  for (const lang of ['en', 'ja']) {
    const { code, stdout, stderr } = await runCli(['--help', '--lang', lang]);
    assert.equal(code, 0);
    assert.equal(stderr, '');
    assert.equal(JAPANESE.test(stdout), lang === 'ja');
    for (const name of commandNames()) assert.match(stdout, new RegExp(`^  ${name}\\b`, 'm'));
    const helps = commandNames().map((name) => runCli([name, '--help', '--lang', lang]));
    for (const [index, help] of (await Promise.all(helps)).entries()) {
      const name = commandNames()[index];
      assert.equal(help.code, 0, name);
      assert.match(help.stdout, new RegExp(`fluorite-memory ${name}`));
      assert.match(help.stdout, lang === 'ja' ? /\n例:\n {2}\S/ : /\nExamples:\n {2}\S/, name);
      const prose = help.stdout.slice(0, help.stdout.search(/\n(例|Examples):/));
      if (lang === 'en') assert.doesNotMatch(prose, JAPANESE, name);
      else assert.match(prose, JAPANESE);
      for (const line of help.stdout.split('\n')) assert.doesNotMatch(line, /undefined|\{\w+\}(?!\})/, name);
    }
  }
});

/** @type {[string, string[], RegExp, RegExp][]} */
const WRONG = [
  ['an unknown command', ['serch'], /no command 'serch'.*'search'/, /コマンド serch .*search のこと/],
  [
    'an unknown option',
    ['search', '--limt', '3', 'x'],
    /no option '--limt'.*'--limit'/,
    /オプション --limt /,
  ],
  ['a missing argument', ['search'], /argument 'words' is missing/, /引数 words がありません/],
  ['a missing value', ['search', 'x', '--limit'], /'-n, --limit <count>' needs a value/, /には値が必要/],
  ['a wrong value', ['search', 'x', '-n', 'many'], /'many' is not valid.*whole number/, /整数を指定/],
  ['a value that is no choice', ['completion', 'tcsh'], /'tcsh' is not valid for 'shell'.*bash/, /bash, zsh/],
  ['too many arguments', ['stats', 'x'], /'stats' was given too many/, /stats の引数が多すぎ/],
  ['no source', ['learn'], /No folder is given.*spike_templates_path/, /フォルダーが指定されていません/],
  ['no results for --json', ['completion', 'bash', '--json'], /no results to print as JSON/, /JSON で出力/],
  ['an empty memory', ['stats', '--memory', ''], /--memory is empty/, /--memory が空です/],
  ['neither id nor lines', ['store'], /id of one chunk or --lines/, /どちらか一つ/],
];

for (const [title, args, english, japanese] of WRONG) {
  test(`wrong usage is exit code 2, said on standard error, in both languages: ${title}`, async () => {
    const [en, ja] = await Promise.all([runCli(args), runCli(args, { env: { LANG: 'ja_JP.UTF-8' } })]);
    for (const { code, stdout } of [en, ja]) {
      assert.equal(code, 2);
      assert.equal(stdout, '');
    }
    assert.match(args.includes('--json') ? JSON.parse(en.stderr).error.message : en.stderr, english);
    assert.match(args.includes('--json') ? JSON.parse(ja.stderr).error.message : ja.stderr, japanese);
  });
}

test('without a command the help goes to standard error, with exit code 2', async () => {
  const { code, stdout, stderr } = await runCli([]);
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /Usage: fluorite-memory/);
});

test('the language is that of --lang, else of LC_ALL, LC_MESSAGES and LANG in this order', async () => {
  /** @type {[string[], Record<string, string>, boolean][]} */
  const cases = [
    [[], { LANG: 'ja_JP.UTF-8' }, true],
    [[], { LC_MESSAGES: 'ja_JP.eucJP', LANG: 'en_US.UTF-8' }, true],
    [[], { LC_ALL: 'C', LANG: 'ja_JP.UTF-8' }, false],
    [[], { LC_ALL: '', LANG: 'ja' }, true],
    [[], { LANG: 'jam_JM' }, false],
    [['--lang', 'en'], { LANG: 'ja_JP.UTF-8' }, false],
    [['--lang=ja'], { LANG: 'C' }, true],
  ];
  for (const [args, env, japanese] of cases) {
    const { stdout } = await runCli(['stats', '--help', ...args], { env });
    assert.equal(JAPANESE.test(stdout), japanese, JSON.stringify({ args, env }));
  }
});

test('--help costs at most 100 ms more than an empty Node process', () => {
  /** @param {string[]} args */
  const best = (args) => {
    const times = Array.from({ length: 7 }, () => {
      const started = performance.now();
      execFileSync(process.execPath, args);
      return performance.now() - started;
    });
    return Math.min(...times);
  };
  const extra = best([MAIN, '--help']) - best(['-e', '0']);
  assert.ok(extra < 100, `${extra.toFixed(0)} ms`);
});

test('--version prints the version of the package', async () => {
  const { stdout } = await runCli(['--version']);
  assert.equal(stdout.trim(), require('../package.json').version);
});

for (const shell of ['bash', 'zsh', 'fish']) {
  test(`the completion script parses in ${shell}`, async (context) => {
    if (spawnSync(shell, ['-c', ':']).error) {
      context.skip(`${shell} is not installed`);
      return;
    }
    const file = path.join(temporaryFolder(context), 'script');
    for (const lang of ['en', 'ja']) {
      const { code, stdout } = await runCli(['completion', shell, '--lang', lang]);
      assert.equal(code, 0);
      fs.writeFileSync(file, stdout);
      const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' });
      assert.equal(status, 0, stderr);
    }
  });
}

test('the bash completion completes commands, options, values and files', async (context) => {
  if (spawnSync('bash', ['-c', ':']).error) {
    context.skip('bash is not installed');
    return;
  }
  const file = path.join(temporaryFolder(context), 'script');
  fs.writeFileSync(file, (await runCli(['completion', 'bash'])).stdout);
  /** @param {string[]} words */
  const completed = (...words) => {
    const typed = ['fluorite-memory', ...words].map((word) => `'${word}'`).join(' ');
    const script = `source ${file}; COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _fluorite_memory
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  };
  assert.deepEqual(completed('sea'), ['search']);
  assert.deepEqual(completed('search', '--lim'), ['--limit']);
  assert.deepEqual(completed('learn', '--as', ''), ['spikes', 'documents', 'code']);
  assert.deepEqual(completed('learn', 'package.js'), ['package.json']);
  assert.deepEqual(completed('search', 'x', '--limit', ''), ['']);
  assert.deepEqual(completed('--lang', 'j'), ['ja']);
});
