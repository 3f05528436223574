// @ts-check
'use strict';

const { READS, shown, z } = require('../schema.js');
const { rounded } = require('../summary.js');

const EVIDENCE = 3;

/** @type {import('../tools.js').Tool} */
const recommendIntegration = {
  name: 'recommend_integration',
  config: {
    title: 'Recommend an integration',
    description:
      'How to combine frameworks: patterns that show them together, what each brings to a role (auth, api, tests, …), and what is usually added.',
    inputSchema: shown(
      z.strictObject({
        frameworks: z.array(z.string()).min(1).max(20).describe("e.g. ['nextjs', 'hono']"),
        limit: z.int().min(1).max(50).default(5).describe('Most entries of each kind'),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        summary: z.string(),
        coverage: z.enum(['all', 'pairs', 'singles', 'none']),
        score: z.number(),
        unknown: z.array(z.string()),
        patterns: z.array(
          z.strictObject({ frameworks: z.array(z.string()), count: z.number(), ids: z.array(z.string()) }),
        ),
        roles: z.array(z.strictObject({ role: z.string(), framework: z.string(), ids: z.array(z.string()) })),
        usually_added: z.array(
          z.strictObject({ name: z.string(), confidence: z.number(), ids: z.array(z.string()) }),
        ),
      }),
    ),
    annotations: READS,
  },
  async run(bridge, { frameworks, limit }, call) {
    const found = await bridge.getIntegrationPatterns(frameworks, { limit, ...call });
    const patterns = found.patterns.slice(0, limit).map((one) => ({
      frameworks: one.frameworks,
      count: one.count,
      ids: one.evidence_ids.slice(0, EVIDENCE),
    }));
    const roles = found.contributions
      .filter((one) => one.suggested)
      .slice(0, 2 * limit)
      .map((one) => ({ role: one.role, framework: one.framework, ids: one.chunk_ids.slice(0, 1) }));
    const usually_added = found.usually_added.slice(0, limit).map((one) => ({
      name: one.related,
      confidence: rounded(one.confidence),
      ids: one.evidence_ids.slice(0, 1),
    }));
    const lines = [
      found.summary,
      ...patterns.map((one) => `${one.frameworks.join(' + ')}: ${one.ids.join(', ')}`),
      ...roles.map((one) => `${one.role}: ${one.framework} (${one.ids.join(', ')})`),
    ];
    if (usually_added.length > 0) {
      lines.push(`Usually added: ${usually_added.map((one) => one.name).join(', ')}`);
    }
    const { summary, coverage, unknown } = found;
    const score = rounded(found.score);
    return {
      structuredContent: { summary, coverage, score, unknown, patterns, roles, usually_added },
      text: lines.join('\n'),
    };
  },
};

/** @type {import('../tools.js').Tool} */
const listFrameworks = {
  name: 'list_frameworks',
  config: {
    title: 'List frameworks',
    description: 'The frameworks that the memory knows, or what goes with one of them.',
    inputSchema: shown(
      z.strictObject({
        framework: z.string().optional().describe('What goes with this one'),
        limit: z.int().min(1).max(200).default(30),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        frameworks: z.array(z.strictObject({ name: z.string(), patterns: z.number() })).optional(),
        related: z
          .array(
            z.strictObject({
              name: z.string(),
              kind: z.string(),
              patterns: z.number(),
              confidence: z.number(),
            }),
          )
          .optional(),
      }),
    ),
    annotations: READS,
  },
  async run(bridge, { framework, limit }, call) {
    if (framework === undefined) {
      const found = await bridge.getFrameworks({ limit, ...call });
      const frameworks = found.map((one) => ({ name: one.framework, patterns: one.count }));
      const text = frameworks.map((one) => `${one.name} ${one.patterns}`).join(', ');
      return { structuredContent: { frameworks }, text: text || 'No framework is known yet.' };
    }
    const found = await bridge.getFrameworkRelationships({ framework, limit, ...call });
    const related = found.map((one) => ({
      name: one.related,
      kind: one.kind,
      patterns: one.count,
      confidence: rounded(one.confidence),
    }));
    const text = related.map((one) => `${one.name} (${one.kind}) ${one.patterns}`).join(', ');
    return { structuredContent: { related }, text: text || `Nothing is known to go with '${framework}'.` };
  },
};

/** @type {import('../tools.js').Tool} */
const listClusters = {
  name: 'list_clusters',
  config: {
    title: 'List clusters',
    description: 'Groups of similar patterns, the largest first, each with its most typical members.',
    inputSchema: shown(
      z.strictObject({
        framework: z.string().optional(),
        limit: z.int().min(1).max(100).default(10),
      }),
    ),
    outputSchema: shown(
      z.strictObject({
        clusters: z.array(
          z.strictObject({
            id: z.string(),
            label: z.string(),
            size: z.number(),
            frameworks: z.array(z.string()),
            ids: z.array(z.string()),
          }),
        ),
      }),
    ),
    annotations: READS,
  },
  async run(bridge, { framework, limit }, call) {
    const found = await bridge.getPatternClusters({ framework, limit, ...call });
    const clusters = found.map((one) => ({
      id: one.id,
      label: one.label,
      size: one.size,
      frameworks: Object.keys(one.frameworks).slice(0, EVIDENCE),
      ids: one.exemplars.slice(0, EVIDENCE),
    }));
    const lines = clusters.map((one) => `${one.label} (${one.size}): ${one.ids.join(', ')}`);
    return { structuredContent: { clusters }, text: lines.join('\n') || 'There are no clusters yet.' };
  },
};

module.exports = [recommendIntegration, listFrameworks, listClusters];
