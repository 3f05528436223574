// @ts-check

const { FluoriteBridge } = require('fluorite-memory-engine');

/**
 * The tools that fluorite-mcp answers from a memory. One bridge serves the whole process: it is opened with
 * the server, and each handler awaits it.
 */
class PatternTools {
  #bridge = new FluoriteBridge();

  /** @param {import('fluorite-memory-engine').InitializeOptions} options */
  async open(options) {
    await this.#bridge.initialize(options);
    // Only what is new, changed or gone since the last start is read.
    return await this.#bridge.learnFromSpikes();
  }

  /**
   * A tool's handler: short results first, so that the assistant asks only for what it needs.
   * @param {{task: string, frameworks?: string[]}} values
   */
  async findPatterns({ task, frameworks }) {
    const hits = await this.#bridge.searchSimilar(task, 3, { frameworks });
    const found = hits.map(({ id, score }) => ({ id, score: Number(score.toFixed(2)) }));
    return { content: [{ type: 'text', text: JSON.stringify(found) }], structuredContent: { found } };
  }

  /** @param {{id: string}} values */
  async getPattern({ id }) {
    const chunk = await this.#bridge.getChunk(id);
    if (chunk === null) {
      return { isError: true, content: [{ type: 'text', text: `There is no pattern '${id}'.` }] };
    }
    return { content: [{ type: 'text', text: String(chunk.content) }] };
  }

  async close() {
    await this.#bridge.shutdown();
  }
}

module.exports = { PatternTools };
