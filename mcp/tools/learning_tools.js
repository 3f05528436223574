// @ts-check
'use strict';

const path = require('node:path');
const { ADDS, READS, REPLACES, shown, z } = require('../schema.js');

const MALFORMED_SHOWN = 5;

/** @type {import('../tools.js').Tool} */
const learn = {
  name: 'learn',
  config: {
    title: 'Learn a folder',
    description:
      'Learns a folder on this machine: spike templates (JSON), documents (Markdown) or code. Only what is new, changed or gone since the last time.',
    inputSchema: shown(
      z.strictObject({
        kind: z.enum(['spikes', 'documents', 'code']),
        path: z
          .string()
          .optional()
          .describe('Absolute, or from ~. For spikes the configured folder by default'),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        kind: z.string(),
        path: z.string(),
        processed: z.number(),
        new: z.number(),
        changed: z.number(),
        unchanged: z.number(),
        removed: z.number(),
        chunks_stored: z.number(),
        chunks_removed: z.number(),
        malformed: z.array(z.string()),
        malformed_count: z.number(),
        retrieval: z.string().optional().describe('What was learned about finding it'),
        seconds: z.number(),
      }),
    ),
    annotations: REPLACES,
  },
  async run(bridge, { kind, path: folder }, call) {
    if (folder === undefined && kind !== 'spikes') {
      throw new Error(`path is missing. Give the absolute path of a folder of ${kind}.`);
    }
    if (folder !== undefined && !path.isAbsolute(folder) && !/^~($|\/)/.test(folder)) {
      throw new Error(
        `path is '${folder}'. Give an absolute path: this server has a working folder of its own.`,
      );
    }
    const report = await learned(bridge, kind, folder, call);
    const malformed = report.malformed
      .slice(0, MALFORMED_SHOWN)
      .map((one) => `${one.file}:${one.line} ${one.reason}`);
    const { processed, changed, unchanged, removed, chunks_stored, chunks_removed } = report;
    const lines = [
      `Learned ${report.path}: ${report.new} new, ${changed} changed, ${unchanged} unchanged, ${removed} removed files; ${chunks_stored} chunks stored.`,
    ];
    if (report.malformed.length > 0) {
      lines.push(`${report.malformed.length} cannot be read: ${malformed.join('; ')}`);
    }
    if (report.retrieval?.adopted) lines.push(report.retrieval.reason);
    return {
      structuredContent: {
        kind,
        path: report.path,
        processed,
        new: report.new,
        changed,
        unchanged,
        removed,
        chunks_stored,
        chunks_removed,
        malformed,
        malformed_count: report.malformed.length,
        ...(report.retrieval && { retrieval: report.retrieval.reason }),
        seconds: report.seconds.total,
      },
      text: lines.join('\n'),
    };
  },
};

/**
 * @param {import('../../types/index.js').FluoriteBridge} bridge
 * @param {'spikes' | 'documents' | 'code'} kind
 * @param {any} folder
 * @param {import('../tools.js').Call} call
 */
function learned(bridge, kind, folder, call) {
  const options = { path: folder, ...call };
  if (kind === 'spikes') return bridge.learnFromSpikes(options);
  return kind === 'documents' ? bridge.learnFromDocuments(options) : bridge.learnFromCode(options);
}

/** @type {import('../tools.js').Tool} */
const giveFeedback = {
  name: 'give_feedback',
  config: {
    title: 'Give feedback',
    description:
      'Tells how a found pattern served, so that it is ranked accordingly: outcome after using it, or rating and a better version; or undo.',
    inputSchema: shown(
      z.strictObject({
        id: z.string().optional().describe('The pattern'),
        query: z.string().optional().describe('What it was searched with'),
        outcome: z.enum(['accepted', 'edited', 'rejected', 'failed']).optional(),
        rating: z.number().min(0).max(1).optional(),
        correction: z.string().optional().describe('The code as it should have been'),
        undo: z.string().optional().describe('A feedback_id, alone'),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        feedback_id: z.string(),
        correction_id: z.string().optional(),
        undone: z.boolean().optional(),
      }),
    ),
    annotations: ADDS,
  },
  async run(bridge, { id, query, outcome, rating, correction, undo }) {
    const judged = rating !== undefined || correction !== undefined;
    if ([undo !== undefined, outcome !== undefined, judged].filter(Boolean).length !== 1) {
      throw new Error('Give one of: outcome; rating or correction; undo.');
    }
    if (undo !== undefined) {
      const undone = await bridge.undoFeedback(undo);
      const text = undone ? `Undone: ${undo}.` : `There is no feedback '${undo}' to undo.`;
      return { structuredContent: { feedback_id: undo, undone }, text };
    }
    if (id === undefined || query === undefined) {
      throw new Error('Give id and query: the pattern, and what it was searched with.');
    }
    if (outcome !== undefined) {
      const { feedback_id } = await bridge.recordUse(id, query, outcome);
      return { structuredContent: { feedback_id }, text: `Noted (${feedback_id}).` };
    }
    const { feedback_id, correction_id } = await bridge.addFeedback({
      id,
      query,
      feedback_type: 'search_relevance',
      rating,
      correction,
    });
    return {
      structuredContent: { feedback_id, ...(correction_id && { correction_id }) },
      text: `Noted (${feedback_id})${correction_id ? `; the correction is ${correction_id}` : ''}.`,
    };
  },
};

/** @type {import('../tools.js').Tool} */
const showStats = {
  name: 'show_stats',
  config: {
    title: 'Show statistics',
    description:
      'What the memory holds, its last learning run and its model. All figures: resource fluorite://report/memory.',
    inputSchema: shown(z.strictObject({})),
    outputSchema: shown(
      z.strictObject({
        version: z.string(),
        chunks: z.number(),
        megabytes: z.number(),
        model: z.string(),
        model_loaded: z.boolean(),
        waiting_for_vector: z.number(),
        last_learned_at: z.string().optional(),
        last_learned_path: z.string().optional(),
      }),
    ),
    annotations: READS,
  },
  async run(bridge) {
    const [metrics, learning] = await Promise.all([bridge.getMetrics(), bridge.getLearningStats()]);
    const { last_run_at, last_run } = learning;
    const structuredContent = {
      version: metrics.version,
      chunks: metrics.chunks,
      megabytes: Math.round((metrics.store_bytes + metrics.embeddings_bytes) / 1e6),
      model: metrics.embedding.enabled ? metrics.embedding.model : 'none',
      model_loaded: metrics.embedding.loaded,
      waiting_for_vector: metrics.index.vectors?.pending ?? 0,
      ...(last_run_at !== null && { last_learned_at: new Date(last_run_at).toISOString() }),
      ...(last_run !== null && { last_learned_path: last_run.path }),
    };
    const when = last_run_at === null ? 'never' : structuredContent.last_learned_at;
    const text = `${metrics.chunks} chunks, ${structuredContent.megabytes} MB; model ${structuredContent.model}; templates learned: ${when}.`;
    return { structuredContent, text };
  },
};

module.exports = [learn, giveFeedback, showStats];
