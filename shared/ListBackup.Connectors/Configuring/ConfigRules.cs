using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Configuring;

/// <summary>
/// What happens to a configuration before anything is done with it (<c>config_normalization_rules</c>): migrations bring an older one to today's form
/// and are worth keeping, transformations derive what the streams read, validations refuse what the connector cannot work with.
/// </summary>
internal sealed record ConfigRules(
    IReadOnlyList<ConfigTransformation> Migrations, IReadOnlyList<ConfigTransformation> Transformations, IReadOnlyList<ConfigValidator> Validators)
{
    public static readonly ConfigRules None = new([], [], []);

    public static ConfigRules Parse(ComponentReader reader) => reader.Done(new ConfigRules(
        [.. reader.Components("config_migrations", "ConfigMigration", Migration).SelectMany(migration => migration)],
        reader.Components("transformations", "ConfigAddFields", ConfigTransformation.Parse),
        reader.Components("validations", nameof(DpathValidator), ConfigValidator.Parse)));

    /// <exception cref="ConfigException">A validation refuses it. The message names field and rule, never a value.</exception>
    public NormalizedConfig Apply(ConnectorConfig config, TimeProvider clock)
    {
        if (this == None || config.IsNormalized)
            return new NormalizedConfig(config, config.AsNormalized(), MigrationsChangedIt: false);

        var given = ValueJson.Parse(config.Utf8Json).Map;
        var migrated = Run(Migrations, given, clock);
        var effective = Run(Transformations, migrated, clock);
        var context = new ExpressionContext(clock).Set(Variable.Config, Value.Of(effective));
        foreach (var validator in Validators)
            validator.Check(Value.Of(effective), context);

        var changed = !Operators.AreEqual(Value.Of(given), Value.Of(migrated));

        return new NormalizedConfig(changed ? Config(migrated) : config, Config(effective).AsNormalized(), changed);
    }

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

    private static IReadOnlyList<ConfigTransformation> Migration(ComponentReader reader) => reader.Type == "ConfigMigration"
        ? reader.Done(reader.Components("transformations", "ConfigAddFields", ConfigTransformation.Parse))
        : throw reader.WrongType();
}
