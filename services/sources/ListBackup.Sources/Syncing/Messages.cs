using ListBackup.Domain;

namespace ListBackup.Sources;

/// <summary>Plan a run.</summary>
public sealed record PlanMessage(AccountId AccountId, SourceId SourceId, RunId RunId);

/// <summary>Read, or go on reading, one stream of a run.</summary>
public sealed record SyncMessage(AccountId AccountId, SourceId SourceId, RunId RunId, string Stream);

/// <summary>Every part of the run has ended: commit it.</summary>
public sealed record CommitMessage(AccountId AccountId, SourceId SourceId, RunId RunId);
