namespace ListBackup.Connectors;

/// <summary>A configuration by the manifest's own rules (<c>config_normalization_rules</c>).</summary>
/// <param name="Migrated">After the migrations: what is worth keeping in place of the given one.</param>
/// <param name="Effective">What the streams read: after migrations and transformations. It may hold derived values and is not kept.</param>
/// <param name="MigrationsChangedIt">True when <paramref name="Migrated"/> differs from what was given, so that its keeper should store it.</param>
public sealed record NormalizedConfig(ConnectorConfig Migrated, ConnectorConfig Effective, bool MigrationsChangedIt);
