import { join } from 'node:path';
import { MAX_CREDIT_BYTES, type MethodResult } from '@cc-executor/protocol';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import { ClassicRouter } from './classic/classic-router.ts';
import { IdleWatch } from './idle-watch.ts';
import { Jobs } from './jobs/jobs.ts';
import { createHandlers } from './methods/handlers.ts';
import type { MethodServices } from './methods/method-services.ts';
import { Session, type SessionServices } from './methods/session.ts';
import { FramePool } from './output/frame-pool.ts';
import type { LogSpace } from './output/log-space.ts';
import { openHost } from './open-host.ts';
import { Policy } from './policy/policy.ts';
import { Lanes } from './queue/lanes.ts';
import { StartGate } from './queue/start-gate.ts';
import { Connection } from './rpc/connection.ts';
import { HttpServer, MAX_FRAME_BYTES } from './rpc/http-server.ts';
import { Router } from './rpc/router.ts';
import { removeRuntimeFile, writeRuntimeFile, type RuntimeInfo } from './runtime-file.ts';
import type { ExecutorSettings } from './settings.ts';
import { openDatabase } from './store/database.ts';
import { DiskReserve } from './store/disk-reserve.ts';
import { JobStore } from './store/job-store.ts';
import { openStateDirectory } from './store/state-directory.ts';

/** A client must send `initialize` within this time, in milliseconds. */
const INITIALIZE_TIMEOUT_MS = 5_000;

/** A running executor. Disposing it ends every job and leaves nothing behind. */
export interface Executor extends AsyncDisposable {
  readonly info: RuntimeInfo;
  /** How the processes of jobs are kept together, and why not better. */
  readonly containment: Pick<MethodResult<'initialize'>, 'containment' | 'containmentReason'>;
  /** Resolves when a client asked it to stop or it was idle for long enough. */
  readonly stopRequested: Promise<void>;
}

/**
 * Builds all parts of an executor, in order, and opens the door last.
 *
 * @throws StateDirectoryError when the state directory is taken or unusable; UnfitMachineError when the machine
 * does not give what the settings ask for; Error when it cannot listen.
 */
export async function openExecutor(settings: ExecutorSettings, logger: Logger): Promise<Executor> {
  await using building = new AsyncDisposableStack();
  const now = (): Date => new Date();
  const startedAt = now().toISOString();
  const policy = new Policy(settings.policy, settings.policyFile);
  const directory = building.use(await openStateDirectory(settings.stateDir));
  const reserve = new DiskReserve(join(directory.path, 'reserve'));
  const database = openDatabase(join(directory.path, 'executor.db'));
  const store = building.use(new JobStore(database, () => reserve.release()));
  const host = building.use(await openHost(settings, directory.path));
  const { containment, containmentReason, limitsReason } = host;
  const contained = { containment, ...(containmentReason !== undefined && { containmentReason }) };
  const lanes = new Lanes(settings.lanes);
  const jobs = building.use(
    new Jobs({
      store,
      host,
      lanes,
      policy,
      logger,
      now,
      config: settings,
      environment: withoutOwnSettings(settings.environment),
      claudePath: settings.claudePath,
      logsPath: directory.logsPath,
      reserve,
      scratchPath: directory.scratchPath,
      claudeStarts: new StartGate(settings.claudeStarts),
    }),
  );
  const lost = await jobs.recover();
  if (lost > 0) logger.warn({ lost }, 'jobs of an earlier executor were lost');

  const stop = Promise.withResolvers<void>();
  const services: MethodServices = {
    jobs,
    requestStop: stop.resolve,
    describe: () => ({
      serverInfo: { name: 'cc-executor', version: settings.version },
      limits: {
        maxFrameBytes: MAX_FRAME_BYTES,
        maxCreditBytes: MAX_CREDIT_BYTES,
        maxLiveJobs: settings.maxLiveJobs,
      },
      ...contained,
      policyHash: policy.hash,
    }),
    status: () => ({
      version: settings.version,
      pid: process.pid,
      startedAt,
      stateDir: directory.path,
      ...contained,
      ...(limitsReason !== undefined && { limitsReason }),
      guardian: { ...host.guardian },
      policyHash: policy.hash,
      connections: server.connectionCount,
      jobs: { live: jobs.liveCount, ended: jobs.endedCount },
      lanes: lanes.status(),
      logs: describeLogs(jobs.logSpace),
      rssBytes: process.memoryUsage.rss(),
    }),
  };
  const handlers = createHandlers(services);
  const sessions = { frames: new FramePool(), stallMs: settings.stallTimeoutMs };
  const classic = { jobs, cwd: settings.cwd, isShellAllowed: settings.policy.shell === 'full' };
  let visits = 0;
  const server: HttpServer = building.use(
    await HttpServer.listen({
      host: settings.host,
      port: settings.port,
      socketPath: settings.socketPath,
      allowedHosts: settings.allowedHosts,
      token: settings.token,
      sockets: {
        '/ws': (socket) => {
          visits += 1;
          serveProtocol(socket, handlers, sessions, logger);
        },
        '/ws/mcp': (socket) => {
          visits += 1;
          serveClassic(socket, classic);
        },
      },
      pages: {
        '/healthz': () => ({ status: 200, body: { status: 'ok' } }),
        '/readyz': () =>
          jobs.isClosing
            ? { status: 503, body: { status: 'stopping' } }
            : { status: 200, body: { status: 'ready' } },
      },
    }),
  );
  building.use(
    new IdleWatch(
      settings.idleExitMs,
      () => ({ isBusy: jobs.liveCount > 0 || server.connectionCount > 0, visits }),
      stop.resolve,
    ),
  );
  const info: RuntimeInfo = {
    url: `ws://${settings.host.includes(':') ? `[${settings.host}]` : settings.host}:${server.port}/ws`,
    socket: settings.socketPath ?? null,
    token: settings.token ?? null,
    pid: process.pid,
    startedAt,
    version: settings.version,
  };
  await writeRuntimeFile(directory.path, info);
  building.defer(() => removeRuntimeFile(directory.path));
  // First of all at the end, so that followers still see how their jobs end.
  building.defer(() => jobs[Symbol.asyncDispose]());
  const parts = building.move();
  return {
    info,
    containment: contained,
    stopRequested: stop.promise,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

function describeLogs({
  memory,
  diskBytes,
  maxDiskBytes,
  dropped,
  blockedLogs,
}: LogSpace): MethodResult<'executor/status'>['logs'] {
  return {
    memoryBytes: memory.usedBytes,
    maxMemoryBytes: memory.maxBytes,
    diskBytes,
    maxDiskBytes,
    droppedBytes: dropped.bytes,
    droppedLines: dropped.lines,
    blockedJobs: blockedLogs,
  };
}

/** Jobs never see how the executor itself is set up, its token least of all, whatever policy lists. */
function withoutOwnSettings(environment: ExecutorSettings['environment']): ExecutorSettings['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('CC_EXECUTOR_')));
}

function serveProtocol(
  socket: WebSocket,
  handlers: ReturnType<typeof createHandlers>,
  sessions: SessionServices,
  logger: Logger,
): void {
  const connection = new Connection(socket, (text) => void router.handle(text));
  const session = new Session(connection, sessions);
  const router = new Router({
    handlers,
    session,
    logger,
    signal: connection.closed,
    send: (text) => connection.send(text),
  });
  const timer = setTimeout(() => {
    if (!session.isInitialized) connection.close('initializeTimeout', 'no initialize came in time');
  }, INITIALIZE_TIMEOUT_MS);
  connection.closed.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

function serveClassic(socket: WebSocket, services: ConstructorParameters<typeof ClassicRouter>[0]): void {
  const connection = new Connection(socket, (text) => void router.handle(text));
  const router = new ClassicRouter(services, connection);
}
