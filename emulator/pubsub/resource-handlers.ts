import type { handleUnaryCall, UntypedServiceImplementation } from "@grpc/grpc-js";
import { toServiceError } from "../grpc/status-error.ts";
import { unimplemented } from "./refusal.ts";
import type { SubscriptionResource } from "./resources.ts";
import * as schemas from "./schema-calls.ts";
import * as snapshots from "./snapshot-calls.ts";
import type { PubsubState } from "./state.ts";
import * as subscriptions from "./subscription-calls.ts";
import * as topics from "./topic-calls.ts";

/** What a handler stands on: the state, and the region of the endpoint that was called. */
export interface Endpoint {
  readonly state: PubsubState;
  readonly nowMs: () => number;
  /** Throws UNAVAILABLE where the endpoint's region is cut off. */
  readonly checkReachable: () => void;
  /** Delivers what a call may have set free, after the call is answered. */
  readonly wake: () => void;
}

/** Makes a unary handler of a function that returns the response or throws. */
export function unary<Request, Response>(
  endpoint: Endpoint,
  run: (request: Request, nowMs: number) => Response,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    try {
      endpoint.checkReachable();
      const response = run(call.request, endpoint.nowMs());
      endpoint.wake();
      callback(null, response);
    } catch (error) {
      callback(toServiceError(error));
    }
  };
}

export function publisherHandlers(endpoint: Endpoint): UntypedServiceImplementation {
  const { catalog } = endpoint.state;
  return {
    CreateTopic: unary(endpoint, (request: Parameters<typeof topics.createTopic>[1]) =>
      topics.createTopic(catalog, request),
    ),
    UpdateTopic: unary(endpoint, (request: Parameters<typeof topics.updateTopic>[1]) =>
      topics.updateTopic(catalog, request),
    ),
    GetTopic: unary(
      endpoint,
      (request: { topic: string }) => catalog.topic(request.topic).resource,
    ),
    ListTopics: unary(endpoint, (request: Parameters<typeof topics.listTopics>[1]) =>
      topics.listTopics(catalog, request),
    ),
    ListTopicSubscriptions: unary(
      endpoint,
      (request: Parameters<typeof topics.listTopicSubscriptions>[1]) =>
        topics.listTopicSubscriptions(catalog, request),
    ),
    ListTopicSnapshots: unary(
      endpoint,
      (request: Parameters<typeof topics.listTopicSnapshots>[1]) =>
        topics.listTopicSnapshots(catalog, request),
    ),
    DeleteTopic: unary(endpoint, (request: { topic: string }) =>
      topics.deleteTopic(catalog, request),
    ),
    DetachSubscription: unary(endpoint, (request: { subscription: string }) => {
      endpoint.state.stir(catalog.subscription(request.subscription));
      return subscriptions.detachSubscription(catalog, request);
    }),
  };
}

export function subscriptionHandlers(endpoint: Endpoint): UntypedServiceImplementation {
  const { state } = endpoint;
  const { catalog } = state;
  const stirred = (resource: SubscriptionResource) => {
    state.stir(catalog.subscription(resource.name));
    return resource;
  };
  return {
    CreateSubscription: unary(
      endpoint,
      (request: Parameters<typeof subscriptions.createSubscription>[1], nowMs) =>
        stirred(subscriptions.createSubscription(catalog, request, nowMs)),
    ),
    GetSubscription: unary(
      endpoint,
      (request: { subscription: string }) => catalog.subscription(request.subscription).resource,
    ),
    UpdateSubscription: unary(
      endpoint,
      (request: Parameters<typeof subscriptions.updateSubscription>[1]) =>
        stirred(subscriptions.updateSubscription(catalog, request)),
    ),
    ListSubscriptions: unary(
      endpoint,
      (request: Parameters<typeof subscriptions.listSubscriptions>[1]) =>
        subscriptions.listSubscriptions(catalog, request),
    ),
    DeleteSubscription: unary(endpoint, (request: { subscription: string }) => {
      state.stir(catalog.subscription(request.subscription));
      return subscriptions.deleteSubscription(catalog, request);
    }),
    ModifyPushConfig: unary(endpoint, () => {
      throw unimplemented("Push delivery (ModifyPushConfig)");
    }),
  };
}

export function snapshotHandlers(endpoint: Endpoint): UntypedServiceImplementation {
  const { state } = endpoint;
  const { catalog } = state;
  return {
    GetSnapshot: unary(
      endpoint,
      (request: { snapshot: string }) => catalog.snapshot(request.snapshot).resource,
    ),
    ListSnapshots: unary(endpoint, (request: Parameters<typeof snapshots.listSnapshots>[1]) =>
      snapshots.listSnapshots(catalog, request),
    ),
    CreateSnapshot: unary(
      endpoint,
      (request: Parameters<typeof snapshots.createSnapshot>[1], nowMs) =>
        snapshots.createSnapshot(catalog, request, nowMs),
    ),
    UpdateSnapshot: unary(endpoint, (request: Parameters<typeof snapshots.updateSnapshot>[1]) =>
      snapshots.updateSnapshot(catalog, request),
    ),
    DeleteSnapshot: unary(endpoint, (request: { snapshot: string }) =>
      snapshots.deleteSnapshot(catalog, request),
    ),
    Seek: unary(endpoint, (request: Parameters<typeof snapshots.seek>[1]) => {
      const response = snapshots.seek(catalog, request);
      state.stir(catalog.subscription(request.subscription));
      return response;
    }),
  };
}

export function schemaHandlers(endpoint: Endpoint): UntypedServiceImplementation {
  const { catalog } = endpoint.state;
  return {
    CreateSchema: unary(endpoint, (request: Parameters<typeof schemas.createSchema>[1], nowMs) =>
      schemas.createSchema(catalog, request, nowMs),
    ),
    GetSchema: unary(endpoint, (request: Parameters<typeof schemas.getSchema>[1]) =>
      schemas.getSchema(catalog, request),
    ),
    ListSchemas: unary(endpoint, (request: Parameters<typeof schemas.listSchemas>[1]) =>
      schemas.listSchemas(catalog, request),
    ),
    ListSchemaRevisions: unary(
      endpoint,
      (request: Parameters<typeof schemas.listSchemaRevisions>[1]) =>
        schemas.listSchemaRevisions(catalog, request),
    ),
    CommitSchema: unary(endpoint, (request: Parameters<typeof schemas.commitSchema>[1], nowMs) =>
      schemas.commitSchema(catalog, request, nowMs),
    ),
    RollbackSchema: unary(
      endpoint,
      (request: Parameters<typeof schemas.rollbackSchema>[1], nowMs) =>
        schemas.rollbackSchema(catalog, request, nowMs),
    ),
    DeleteSchemaRevision: unary(
      endpoint,
      (request: Parameters<typeof schemas.deleteSchemaRevision>[1]) =>
        schemas.deleteSchemaRevision(catalog, request),
    ),
    DeleteSchema: unary(endpoint, (request: { name: string }) =>
      schemas.deleteSchema(catalog, request),
    ),
    ValidateSchema: unary(endpoint, (request: Parameters<typeof schemas.validateSchema>[0]) =>
      schemas.validateSchema(request),
    ),
    ValidateMessage: unary(
      endpoint,
      (request: Parameters<typeof schemas.validateMessage>[1], nowMs) =>
        schemas.validateMessage(catalog, request, nowMs),
    ),
  };
}
