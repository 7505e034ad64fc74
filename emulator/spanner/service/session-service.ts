import type { Session } from "../catalog.ts";
import type { DataServiceContext } from "./data-service.ts";
import type { Methods } from "./grpc-methods.ts";
import { protoTimestamp } from "./proto-time.ts";

interface SessionTemplate {
  readonly labels: Readonly<Record<string, string>>;
  readonly creatorRole: string;
  readonly multiplexed: boolean;
}

/** Sessions of `google.spanner.v1.Spanner`, multiplexed ones included, and Rollback. */
export function sessionMethods(context: DataServiceContext): Methods {
  const { catalog, faults, now } = context;
  return {
    CreateSession: {
      answer: async (request: { database: string; session: SessionTemplate | null }) => {
        await faults.beforeCall(request.database);
        return sessionMessage(
          catalog.addSession(request.database, templateOf(request.session), now()),
        );
      },
    },
    BatchCreateSessions: {
      answer: async (request: {
        database: string;
        sessionTemplate: SessionTemplate | null;
        sessionCount: number;
      }) => {
        await faults.beforeCall(request.database);
        const template = templateOf(request.sessionTemplate);
        const session = Array.from({ length: request.sessionCount }, () =>
          sessionMessage(catalog.addSession(request.database, template, now())),
        );
        return { session };
      },
    },
    GetSession: {
      answer: ({ name }: { name: string }) => sessionMessage(catalog.session(name, now())),
    },
    ListSessions: {
      answer: ({ database }: { database: string }) => ({
        sessions: catalog.sessions(catalog.database(database).name).map(sessionMessage),
      }),
    },
    DeleteSession: {
      answer: ({ name }: { name: string }) => {
        catalog.removeSession(name);
        return {};
      },
    },
    Rollback: {
      answer: async (request: { session: string; transactionId: Buffer }) => {
        const { database } = catalog.session(request.session, now());
        await faults.beforeCall(database.name);
        database.state.rollback(request.transactionId.toString("latin1"));
        return {};
      },
    },
  };
}

function templateOf(session: SessionTemplate | null): SessionTemplate {
  return {
    labels: session?.labels ?? {},
    creatorRole: session?.creatorRole ?? "",
    multiplexed: session?.multiplexed ?? false,
  };
}

function sessionMessage(session: Session): object {
  return {
    name: session.name,
    labels: session.labels,
    creatorRole: session.creatorRole,
    multiplexed: session.multiplexed,
    createTime: protoTimestamp(session.createdMs),
    approximateLastUseTime: protoTimestamp(session.lastUseMs),
  };
}
