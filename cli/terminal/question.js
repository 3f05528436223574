// @ts-check
'use strict';

const { Interrupted } = require('../context.js');

const YES = /^\s*(?:y|yes|はい)\s*$/i;

/** Whether somebody is there to answer. */
const canAsk = () => process.stdin.isTTY === true && process.stderr.isTTY === true;

/**
 * Asks on the terminal; anything but a yes is a no.
 * @param {string} question
 * @returns {Promise<boolean>} rejects with Interrupted on Ctrl-C
 */
function confirmed(question) {
  const { createInterface } = require('node:readline');
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve, reject) => {
    reader.on('SIGINT', () => {
      reject(new Interrupted());
      reader.close();
    });
    reader.on('close', () => resolve(false));
    reader.question(`${question} `, (answer) => {
      resolve(YES.test(answer));
      reader.close();
    });
  });
}

module.exports = { canAsk, confirmed };
