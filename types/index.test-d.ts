// Compiled, never run: a wrong line here is a wrong declaration.
import type {
  AutoLearnReport,
  Chunk,
  ChunkPage,
  ConfigurationValue,
  Embeddings,
  ErrorCode,
  ExportReport,
  FeedbackPage,
  HistoryPage,
  InitializeOptions,
  LearningReport,
  RetrievalReport,
  Schedule,
  SearchHits,
  SourceReport,
  StoreResult,
  TrainingResult,
} from './index.js';
import { FluoriteBridge, FluoriteError } from './index.js';

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<Expected>(): <Actual>(value: Actual) => Equal<Expected, Actual>;

declare const bridge: FluoriteBridge;
declare const signal: AbortSignal;

async function everyMethodHasItsDocumentedType(): Promise<void> {
  await using owned = new FluoriteBridge();
  const options: InitializeOptions = {
    memory_path: './memory',
    enable_ml: false,
    python: '/usr/bin/python3',
  };
  await owned.initialize(options);
  same<ConfigurationValue[]>()(await FluoriteBridge.getConfiguration(options)) satisfies true;
  same<string>()(await FluoriteBridge.configurationTemplate()) satisfies true;
  same<string>()(await bridge.storeChunk({ id: 'a', content: new Uint8Array(3) })) satisfies true;
  same<Chunk | null>()(await bridge.getChunk('a')) satisfies true;
  same<(Chunk | null)[]>()(await bridge.getChunks(['a'])) satisfies true;
  same<boolean>()(await bridge.deleteChunk('a')) satisfies true;
  same<ChunkPage>()(await bridge.listChunks({ framework: 'hono', limit: 5 })) satisfies true;
  same<SearchHits>()(await bridge.searchSimilar('query', 10, { min_score: 0.3, signal })) satisfies true;
  same<SearchHits>()(await bridge.searchSimilar(new Float32Array(384))) satisfies true;
  same<SearchHits>()(
    await bridge.searchSimilar({ like: 'a' }, 10, {
      frameworks: { all: ['hono', 'prisma'] },
      tags: 'auth',
      updated_after: new Date(),
      weights: { lexical: 0 },
      wait_for_model: false,
    }),
  ) satisfies true;
  same<SearchHits[]>()(
    await bridge.searchMany(['query', { like: 'a' }], 3, { explain: true }),
  ) satisfies true;
  same<Float32Array>()(await bridge.generateEmbedding('text')) satisfies true;
  same<Embeddings>()(await bridge.generateEmbeddings(['text'], { signal })) satisfies true;
  same<number>()((await bridge.semanticSearch('query', ['document'], 3))[0].document_index) satisfies true;
  same<StoreResult>()(
    await bridge.storeChunks(
      { ids: ['a'], contents: ['x'], embeddings: new Float32Array(384), tags: [['t']] },
      { onProgress: ({ stage, done, total, seconds_left }) => [stage, done, total, seconds_left] },
    ),
  ) satisfies true;
  same<LearningReport>()(await bridge.learnFromSpikes({ path: './spikes', signal })) satisfies true;
  same<'all' | 'pairs' | 'singles' | 'none'>()(
    (await bridge.getIntegrationPatterns(['nextjs', 'hono'])).coverage,
  ) satisfies true;
  same<number>()((await bridge.getFrameworks({ limit: 5 }))[0].count) satisfies true;
  same<number>()((await bridge.getFrameworkRelationships({ framework: 'hono' }))[0].pmi) satisfies true;
  same<string>()((await bridge.getPatternClusters({ limit: 3 }))[0].label) satisfies true;
  same<SourceReport>()(await bridge.learnFromDocuments({ path: './docs' })) satisfies true;
  same<string>()((await bridge.learnFromCode({ path: './src', signal })).secrets[0].kind) satisfies true;
  same<number>()((await bridge.backup('./copy', { signal })).bytes) satisfies true;
  same<boolean>()((await bridge.verify()).ok) satisfies true;
  same<string | null>()((await bridge.repair()).lost[0].id) satisfies true;
  same<number>()((await bridge.compact()).embeddings_removed) satisfies true;
  const watcher = await bridge.watchSpikes({ path: './spikes', onReport: ({ changed }) => changed });
  same<string>()(watcher.path) satisfies true;
  await watcher.close();
  same<ExportReport>()(
    await bridge.exportChunks('./learning-chunks', { min_quality_score: 0.7, signal }),
  ) satisfies true;
  same<number>()(
    (await bridge.importChunks('./learning-chunks', { trust: 1, source: 'a' })).rejected[0].line,
  ) satisfies true;
  same<AutoLearnReport>()(
    await bridge.autoLearn({ sources_path: './sources.toml', commit: true, repository: '.', signal }),
  ) satisfies true;
  same<Schedule>()(
    await bridge.setSchedule({ time: '03:30', kind: 'systemd', dry_run: true }),
  ) satisfies true;
  same<Schedule>()(await bridge.removeSchedule({ dry_run: true })) satisfies true;
  same<string | null>()((await bridge.getSchedule()).time) satisfies true;
  same<LearningReport | null>()((await bridge.getLearningStats()).last_run) satisfies true;
  same<RetrievalReport | null>()(
    (await bridge.learnFromSpikes({ path: './spikes' })).retrieval,
  ) satisfies true;
  same<RetrievalReport>()(await bridge.trainRetrieval({ force: true, signal })) satisfies true;
  same<TrainingResult>()(
    await bridge.trainIncremental([{ input_text: 'a text', chunk_id: 'a', task_type: 'similarity' }]),
  ) satisfies true;
  same<number>()((await bridge.rollbackLearning()).rolled_back) satisfies true;
  same<number | null>()((await bridge.getLearningStats()).retrieval.adopted_at) satisfies true;
  same<number | null | undefined>()(
    (await bridge.searchSimilar('query'))[0].explanation?.learned?.cosine,
  ) satisfies true;
  same<string | null>()(
    (await bridge.addFeedback({ id: 'a', feedback_type: 'similarity', query: 'q', rating: 1 })).correction_id,
  ) satisfies true;
  same<string>()((await bridge.recordUse('a', 'query', 'accepted')).feedback_id) satisfies true;
  same<boolean>()(await bridge.undoFeedback('feedback-1-00000000')) satisfies true;
  same<FeedbackPage>()(await bridge.listFeedback({ id: 'a', limit: 5 })) satisfies true;
  same<number | undefined>()((await bridge.getMetrics()).index.vectors?.pending) satisfies true;
  same<number | null>()((await bridge.getMetrics()).searches.text.p95) satisfies true;
  same<string>()(await bridge.getPrometheusMetrics()) satisfies true;
  same<HistoryPage>()(await bridge.getHistory({ limit: 10 })) satisfies true;
  same<number>()(await bridge.clearHistory()) satisfies true;
  await bridge.shutdown();
}

async function whatIsWrongDoesNotCompile(): Promise<void> {
  // @ts-expect-error options are given, if only those of the configuration
  await bridge.initialize();
  // @ts-expect-error no option has this name
  await bridge.initialize({ memory_path: '.', memory: 3 });
  // @ts-expect-error content is required
  await bridge.storeChunk({ id: 'a' });
  // @ts-expect-error metadata holds plain values
  await bridge.storeChunk({ id: 'a', content: '', metadata: { when: new Date() } });
  // @ts-expect-error a vector is a Float32Array
  await bridge.searchSimilar([1, 2, 3]);
  // @ts-expect-error labels are any of several or all of them
  await bridge.searchSimilar('query', 3, { tags: { none: ['auth'] } });
  // @ts-expect-error an example has an input
  await bridge.trainIncremental([{ expected_output: 'code' }]);
  // @ts-expect-error no feedback has this type
  await bridge.addFeedback({ feedback_type: 'praise', query: 'query' });
  // @ts-expect-error a use ends in one of four ways
  await bridge.recordUse('a', 'query', 'liked');
  // @ts-expect-error there is no such scheduler
  await bridge.setSchedule({ kind: 'at' });
  // @ts-expect-error no method has this name
  await bridge.trainEverything();
}

function errorsCarryACode(error: unknown): ErrorCode | undefined {
  return error instanceof FluoriteError ? error.code : undefined;
}

export { errorsCarryACode, everyMethodHasItsDocumentedType, whatIsWrongDoesNotCompile };
