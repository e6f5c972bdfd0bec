using System.Security.Cryptography;
using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Configuring;

/// <summary>
/// What happens to a configuration before anything is done with it (<c>config_normalization_rules</c>): migrations bring an older one to today's form
/// and are worth keeping, transformations derive what the streams read, validations refuse what the connector cannot work with.
/// </summary>
internal sealed record ConfigRules(
    IReadOnlyList<ConfigMigration> Migrations, IReadOnlyList<ConfigTransformation> Transformations, IReadOnlyList<ConfigValidator> Validators)
{
    public static readonly ConfigRules None = new([], [], []);

    public static ConfigRules Parse(ComponentReader reader) => reader.Done(new ConfigRules(
        reader.Components("config_migrations", nameof(ConfigMigration), ConfigMigration.Parse),
        reader.Components("transformations", "ConfigAddFields", ConfigTransformation.Parse),
        reader.Components("validations", nameof(DpathValidator), ConfigValidator.Parse)));

    /// <exception cref="ConfigException">A validation refuses it. The message names field and rule, never a value.</exception>
    public NormalizedConfig Apply(ConnectorConfig config, TimeProvider clock)
    {
        if (this == None || config.IsNormalized)
            return new NormalizedConfig(config, config.AsNormalized(), MigrationsChangedIt: false);

        var given = ValueJson.Parse(config.Utf8Json).Map;
        var migrated = config.IsMigrated ? given : Migrate(given, [], clock);
        var effective = Run(Transformations, migrated, clock);
        var context = new ExpressionContext(clock).Set(Variable.Config, Value.Of(effective));
        foreach (var validator in Validators)
            validator.Check(Value.Of(effective), context);

        var changed = !Operators.AreEqual(Value.Of(given), Value.Of(migrated));

        return new NormalizedConfig((changed ? Config(migrated) : config).AsMigrated(), Config(effective).AsNormalized(), changed);
    }

    /// <summary>Runs those migrations that have not been run, in the manifest's order.</summary>
    /// <param name="done">Names of those that have.</param>
    /// <exception cref="ConfigException">The configuration lacks what a migration needs.</exception>
    public ConnectorConfig Migrate(ConnectorConfig config, IReadOnlyCollection<string> done, TimeProvider clock)
    {
        if (config.IsMigrated || Migrations.All(migration => done.Contains(migration.Name)))
            return config.AsMigrated();

        return Config(Migrate(ValueJson.Parse(config.Utf8Json).Map, done, clock)).AsMigrated();
    }

    private ValueMap Migrate(ValueMap config, IReadOnlyCollection<string> done, TimeProvider clock) =>
        Run([.. Migrations.Where(migration => !done.Contains(migration.Name)).SelectMany(migration => migration.Transformations)], config, clock);

    private static ValueMap Run(IReadOnlyList<ConfigTransformation> transformations, ValueMap config, TimeProvider clock)
    {
        foreach (var transformation in transformations)
        {
            try
            {
                // Each sees what those before it made.
                config = transformation.Apply(config.Copy(), new ExpressionContext(clock).Set(Variable.Config, Value.Of(config)));
            }
            catch (ExpressionException)
            {
                // Not chained: its message may quote the configuration.
                throw new ConfigException($"The configuration lacks what {transformation.Path} is made of.");
            }
        }

        return config;
    }

    private static ConnectorConfig Config(ValueMap map) => ConnectorConfig.Parse(ValueJson.ToBytes(Value.Of(map)));
}

/// <summary>Brings configurations of one older form to the next.</summary>
/// <param name="Name">Made of what the migration does, so that it is the same whatever stands beside it, and another one once it does something else.</param>
internal sealed record ConfigMigration(string Name, IReadOnlyList<ConfigTransformation> Transformations)
{
    // As long as git's short names: it tells a manifest's few migrations apart, and secures nothing.
    private const int NameLength = 12;

    public static ConfigMigration Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(ConfigMigration))
            throw reader.WrongType();
        var text = ValueJson.ToBytes(reader.Raw("transformations") is { IsNothing: false } written ? written : Value.Of(new ValueMap()));

        return reader.Done(new ConfigMigration(
            Convert.ToHexStringLower(SHA256.HashData(text))[..NameLength], reader.Components("transformations", "ConfigAddFields", ConfigTransformation.Parse)));
    }
}
