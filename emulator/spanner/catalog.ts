import { status } from "@grpc/grpc-js";
import { StatusError } from "../grpc/status-error.ts";
import { DatabaseState } from "./database-state.ts";

export interface Instance {
  readonly name: string;
  readonly config: string;
  displayName: string;
  nodeCount: number;
  processingUnits: number;
  labels: Readonly<Record<string, string>>;
  readonly createdMs: number;
}

export interface Database {
  readonly name: string;
  readonly state: DatabaseState;
  readonly createdMs: number;
}

export interface Session {
  readonly name: string;
  readonly database: Database;
  readonly multiplexed: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly creatorRole: string;
  readonly createdMs: number;
  lastUseMs: number;
}

const DATABASE_ID = /^[a-z][a-z0-9_-]{0,28}[a-z0-9]$/;

/** Instances, databases and sessions of one emulator. Pure. */
export class Catalog {
  readonly #instances = new Map<string, Instance>();
  readonly #databases = new Map<string, Database>();
  readonly #sessions = new Map<string, Session>();
  #nextSession = 1;

  instances(parent: string): Instance[] {
    return [...this.#instances.values()].filter(({ name }) => name.startsWith(`${parent}/`));
  }

  instance(name: string): Instance {
    const instance = this.#instances.get(name);
    if (instance === undefined) throw notFound("Instance", name);
    return instance;
  }

  addInstance(instance: Instance): Instance {
    if (this.#instances.has(instance.name)) throw exists("Instance", instance.name);
    this.#instances.set(instance.name, instance);
    return instance;
  }

  removeInstance(name: string): void {
    this.#instances.delete(name);
    for (const database of this.databases(name)) this.removeDatabase(database.name);
  }

  databases(instance: string): Database[] {
    return [...this.#databases.values()].filter(({ name }) => name.startsWith(`${instance}/`));
  }

  allDatabases(): Database[] {
    return [...this.#databases.values()];
  }

  database(name: string): Database {
    const database = this.#databases.get(name);
    if (database === undefined) throw notFound("Database", name);
    return database;
  }

  addDatabase(instance: string, id: string, nowMs: number): Database {
    this.instance(instance);
    if (!DATABASE_ID.test(id)) {
      throw new StatusError(
        status.INVALID_ARGUMENT,
        `Invalid database id "${id}": use 2 to 30 lower-case letters, digits, "-" and "_", beginning with a letter.`,
      );
    }
    const name = `${instance}/databases/${id}`;
    if (this.#databases.has(name)) throw exists("Database", name);
    const database = { name, state: new DatabaseState(), createdMs: nowMs };
    this.#databases.set(name, database);
    return database;
  }

  removeDatabase(name: string): void {
    this.#databases.delete(name);
    for (const session of this.sessions(name)) this.#sessions.delete(session.name);
  }

  sessions(database: string): Session[] {
    return [...this.#sessions.values()].filter((session) => session.database.name === database);
  }

  addSession(
    databaseName: string,
    template: Pick<Session, "multiplexed" | "labels" | "creatorRole">,
    nowMs: number,
  ): Session {
    const database = this.database(databaseName);
    const name = `${databaseName}/sessions/session-${this.#nextSession++}`;
    const { multiplexed, labels, creatorRole } = template;
    const session = {
      name,
      database,
      multiplexed,
      labels,
      creatorRole,
      createdMs: nowMs,
      lastUseMs: nowMs,
    };
    this.#sessions.set(name, session);
    return session;
  }

  /** The session, as used now; NOT_FOUND in the words by which clients know to make another. */
  session(name: string, nowMs: number): Session {
    const session = this.#sessions.get(name);
    if (session === undefined) throw notFound("Session", name);
    session.lastUseMs = nowMs;
    return session;
  }

  removeSession(name: string): void {
    this.#sessions.delete(name);
  }
}

function notFound(kind: string, name: string): StatusError {
  return new StatusError(status.NOT_FOUND, `${kind} not found: ${name}`);
}

function exists(kind: string, name: string): StatusError {
  return new StatusError(status.ALREADY_EXISTS, `${kind} already exists: ${name}`);
}
