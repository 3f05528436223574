// @ts-check
'use strict';

const path = require('node:path');
const { loadAddon } = require('./addon.js');
const bulk = require('./bulk.js');

/** @typedef {import('./call.js').CallOptions} CallOptions */

const commandLine = path.join(path.dirname(__dirname), 'cli', 'main.js');

/** @typedef {(method: string, values: Record<string, unknown>, options?: CallOptions) => Promise<any>} Call */

/** What can be asked of a memory that is open. Documented in types/index.d.ts. */
class Operations {
  #call;

  /** @param {Call} call calls a method of Python's engine */
  constructor(call) {
    this.#call = call;
  }

  /** @param {any} chunk */
  async storeChunk(chunk) {
    return await this.#call('store_chunk', { chunk });
  }

  /**
   * @param {any} chunks
   * @param {CallOptions} [options]
   */
  async storeChunks(chunks, options = {}) {
    return await bulk.storeChunks(this.#call, chunks, options);
  }

  /** @param {string} id */
  async getChunk(id) {
    const [chunk] = await this.getChunks([id]);
    return chunk;
  }

  /** @param {string[]} ids */
  async getChunks(ids) {
    return await this.#call('get_chunks', { ids });
  }

  /** @param {string} id */
  async deleteChunk(id) {
    return await this.#call('delete_chunk', { id });
  }

  /** @param {Record<string, unknown>} [options] */
  async listChunks(options = {}) {
    return await this.#call('list_chunks', { ...options });
  }

  /**
   * @param {any} query
   * @param {number} [limit]
   * @param {Record<string, unknown>} [options]
   */
  async searchSimilar(query, limit, options = {}) {
    const [hits] = await this.#search('search_similar', { query, limit }, options);
    return hits;
  }

  /**
   * @param {any[]} queries
   * @param {number} [limit]
   * @param {Record<string, unknown>} [options]
   */
  async searchMany(queries, limit, options = {}) {
    return await this.#search('search_many', { queries, limit }, options);
  }

  /** @param {string} text */
  async generateEmbedding(text) {
    const { data } = await this.#call('generate_embeddings', { texts: [text] });
    return data;
  }

  /**
   * @param {string[]} texts
   * @param {CallOptions} [options]
   */
  async generateEmbeddings(texts, options = {}) {
    return await bulk.generateEmbeddings(this.#call, texts, options);
  }

  /**
   * @param {string} query
   * @param {string[]} documents
   * @param {number} [top_k]
   */
  async semanticSearch(query, documents, top_k) {
    return await this.#call('semantic_search', { query, documents, top_k });
  }

  /** @param {CallOptions & {path?: string}} [options] */
  async learnFromSpikes(options = {}) {
    return await this.#longCall('learn_from_spikes', options);
  }

  /** @param {CallOptions & {path: string}} options */
  async learnFromDocuments(options) {
    return await this.#longCall('learn_from_documents', options);
  }

  /** @param {CallOptions & {path: string}} options */
  async learnFromCode(options) {
    return await this.#longCall('learn_from_code', options);
  }

  /** @param {CallOptions & {force?: boolean}} [options] */
  async trainRetrieval(options = {}) {
    return await this.#longCall('train_retrieval', options);
  }

  /**
   * @param {any} examples
   * @param {CallOptions} [options]
   */
  async trainIncremental(examples, options = {}) {
    return await this.#longCall('train_incremental', { ...options, examples });
  }

  async rollbackLearning() {
    return await this.#call('rollback_learning', {});
  }

  /** @param {CallOptions & {limit?: number}} [options] */
  async getFrameworks(options = {}) {
    return await this.#longCall('get_frameworks', options);
  }

  /** @param {CallOptions & {framework?: string, min_support?: number, limit?: number}} [options] */
  async getFrameworkRelationships(options = {}) {
    return await this.#longCall('get_framework_relationships', options);
  }

  /**
   * @param {string[]} frameworks
   * @param {CallOptions & {limit?: number}} [options]
   */
  async getIntegrationPatterns(frameworks, options = {}) {
    return await this.#longCall('get_integration_patterns', { ...options, frameworks });
  }

  /** @param {CallOptions & {limit?: number}} [options] */
  async getNextjsLaravelPatterns(options = {}) {
    return await this.getIntegrationPatterns(['nextjs', 'laravel'], options);
  }

  /** @param {CallOptions & {limit?: number, framework?: string}} [options] */
  async getPatternClusters(options = {}) {
    return await this.#longCall('get_pattern_clusters', options);
  }

  /** @param {string} id */
  async explainQuality(id) {
    return await this.#call('explain_quality', { id });
  }

  /** @param {any} feedback */
  async addFeedback(feedback) {
    return await this.#call('add_feedback', { feedback });
  }

  /**
   * @param {string} id
   * @param {string} query
   * @param {string} outcome
   */
  async recordUse(id, query, outcome) {
    return await this.#call('record_use', { id, query, outcome });
  }

  /** @param {string} feedback_id */
  async undoFeedback(feedback_id) {
    return await this.#call('undo_feedback', { feedback_id });
  }

  /** @param {Record<string, unknown>} [options] */
  async listFeedback(options = {}) {
    return await this.#call('list_feedback', { ...options });
  }

  /**
   * @param {string} path
   * @param {CallOptions & {min_quality_score?: number, id_prefix?: string}} [options]
   */
  async exportChunks(path, options = {}) {
    return await this.#longCall('export_chunks', { ...options, path });
  }

  /**
   * @param {string} path
   * @param {CallOptions & {trust?: number, source?: string}} [options]
   */
  async importChunks(path, options = {}) {
    return await this.#longCall('import_chunks', { ...options, path });
  }

  /**
   * @param {string} path
   * @param {CallOptions} [options]
   */
  async backup(path, options = {}) {
    return await this.#longCall('backup', { ...options, path });
  }

  /** @param {CallOptions} [options] */
  async verify(options = {}) {
    return await this.#longCall('verify', options);
  }

  /** @param {CallOptions} [options] */
  async repair(options = {}) {
    return await this.#longCall('repair', options);
  }

  /** @param {CallOptions} [options] */
  async compact(options = {}) {
    return await this.#longCall('compact', options);
  }

  async getLearningStats() {
    return await this.#call('get_learning_stats', {});
  }

  /** @param {CallOptions & Record<string, unknown>} [options] */
  async autoLearn(options = {}) {
    return await this.#longCall('auto_learn', options);
  }

  async getSchedule() {
    return await this.#call('get_schedule', {});
  }

  /** @param {Record<string, unknown>} [options] */
  async setSchedule(options = {}) {
    return await this.#call('set_schedule', { ...options, program: [process.execPath, commandLine] });
  }

  /** @param {Record<string, unknown>} [options] */
  async removeSchedule(options = {}) {
    return await this.#call('remove_schedule', { ...options });
  }

  async getMetrics() {
    return await this.#call('get_metrics', {});
  }

  async getPrometheusMetrics() {
    return await this.#call('get_prometheus_metrics', {});
  }

  /** @param {{limit?: number, cursor?: string}} [options] */
  async getHistory(options = {}) {
    return await this.#call('get_history', { ...options });
  }

  async clearHistory() {
    return await this.#call('clear_history', {});
  }

  /** @param {{send?: Uint8Array, receive_bytes?: number}} [options] */
  async ping(options = {}) {
    const answer = await this.#call('ping', { ...options });
    const { address } = loadAddon();
    const addressOf = (/** @type {Uint8Array | undefined} */ view) =>
      view?.length ? String(address(view)) : null;
    return {
      received: answer.received,
      sent_address: addressOf(options.send),
      sent_address_in_python: answer.sent_address,
      received_address: addressOf(answer.received),
      received_address_in_python: answer.received_address,
    };
  }

  /**
   * @param {string} method
   * @param {Record<string, unknown>} values
   * @param {CallOptions & Record<string, unknown>} options
   */
  async #search(method, values, { signal, ...options }) {
    if (options.updated_after instanceof Date) options.updated_after = options.updated_after.getTime();
    /** @type {{hits: any[], incomplete: any}[]} */
    const found = await this.#call(method, { ...values, options }, { signal });
    return found.map(({ hits, incomplete }) =>
      Object.defineProperty(hits, 'incomplete', { value: incomplete }),
    );
  }

  /**
   * @param {string} method
   * @param {CallOptions & Record<string, unknown>} [options] values besides `signal` and `onProgress` are arguments
   */
  async #longCall(method, { signal, onProgress, ...values } = {}) {
    return await this.#call(method, values, { signal, onProgress });
  }
}

module.exports = { Operations };
