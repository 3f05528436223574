// @ts-check
'use strict';

const assert = require('node:assert/strict');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const { MAIN, SPIKES, runCli } = require('./cli_support.js');
const { temporaryFolder } = require('./support.js');

/**
 * A user with a home of his own and a crontab program that keeps its table in a file.
 * @param {any} context
 */
function userWithCron(context) {
  const home = temporaryFolder(context);
  const table = path.join(home, 'table');
  const bin = path.join(home, 'bin');
  fs.mkdirSync(bin);
  const crontab = `#!/bin/sh
if [ "$1" != -l ]; then cat > '${table}'
elif [ -f '${table}' ]; then cat '${table}'
else echo "no crontab for $LOGNAME" >&2; exit 1
fi
`;
  fs.writeFileSync(path.join(bin, 'crontab'), crontab, { mode: 0o755 });
  const env = { HOME: home, PATH: `${bin}${path.delimiter}${process.env.PATH}` };
  return { home, table, env: { ...env, FLUORITE_STATE_DIR: path.join(home, 'state') } };
}

test('schedule shows, sets up and removes the daily run; --dry-run writes nothing', async (context) => {
  const { home, table, env } = userWithCron(context);
  const memory = path.join(home, 'memory');
  /** @param {string[]} args */
  const schedule = (...args) => runCli(['schedule', ...args, '--memory', memory], { env });
  assert.match((await schedule()).stdout, /^No daily run is set up\.\n$/);
  const trial = await schedule('set', '--kind', 'cron', '--time', '03:30', '--dry-run');
  assert.equal(trial.code, 0, trial.stderr);
  assert.match(trial.stdout, /^Every day at 03:30, by cron: .*\n--- crontab\n[\s\S]*\n30 3 \* \* \* /);
  assert.match(trial.stdout, /nothing was written or run/);
  assert.equal(fs.existsSync(table), false);
  const set = await schedule('set', '--kind', 'cron', '--time', '03:30');
  assert.equal(set.code, 0, set.stderr);
  assert.ok(fs.readFileSync(table, 'utf8').includes(`${MAIN} auto-learn --quiet --memory ${memory}`));
  const shown = JSON.parse((await schedule('--json')).stdout);
  assert.deepEqual([shown.kind, shown.installed, shown.time], ['cron', true, '03:30']);
  assert.equal((await schedule('remove')).code, 0);
  assert.doesNotMatch(fs.readFileSync(table, 'utf8'), /auto-learn/);
  const wrong = await schedule('set', '--time', '99:99', '--lang', 'ja');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /99:99/);
});

test('auto-learn learns the templates of the configuration; with --quiet success is silent', async (context) => {
  const { home, env } = userWithCron(context);
  const templates = path.join(home, 'spikes');
  fs.mkdirSync(templates);
  const name = 'hono-jwt-auth-api.json';
  fs.copyFileSync(path.join(SPIKES, name), path.join(templates, name));
  const given = { env: { ...env, FLUORITE_SPIKE_TEMPLATES_PATH: templates } };
  const args = ['auto-learn', '--repository', home, '--memory', path.join(home, 'memory')];
  const planned = await runCli([...args, '--dry-run', '--json'], given);
  assert.equal(planned.code, 0, planned.stderr);
  const run = await runCli(args, given);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /^done +learn +/m);
  const shown = await runCli(['show', 'hono-jwt-auth-api', '--memory', path.join(home, 'memory')]);
  assert.equal(shown.code, 0);
  const quiet = await runCli([...args, '--quiet'], given);
  assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, '', '']);
});
