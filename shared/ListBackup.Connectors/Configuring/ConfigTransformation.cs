using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Records;

namespace ListBackup.Connectors.Configuring;

/// <summary>Changes a configuration.</summary>
/// <param name="path">Where it stands in the manifest, for messages.</param>
internal abstract class ConfigTransformation(string path)
{
    public string Path => path;

    public static ConfigTransformation Parse(ComponentReader reader) => reader.Type switch
    {
        nameof(ConfigRemapField) => ConfigRemapField.Parse(reader),
        nameof(ConfigAddFields) => ConfigAddFields.Parse(reader),
        nameof(ConfigRemoveFields) => new ConfigRemoveFields(reader.Path, RemoveFields.Parse(reader)),
        _ => throw reader.WrongType(),
    };

    /// <param name="config">May be changed; what it shares with others is copied before.</param>
    public abstract ValueMap Apply(ValueMap config, ExpressionContext context);
}

/// <summary>Puts other values in place of known ones: names that changed from one version to the next.</summary>
internal sealed class ConfigRemapField(string path, IReadOnlyList<Template> field, TemplateTree map) : ConfigTransformation(path)
{
    public static new ConfigRemapField Parse(ComponentReader reader)
    {
        var field = reader.Templates("field_path");

        return field.Count > 0
            ? reader.Done(new ConfigRemapField(reader.Path, field, reader.Tree("map") ?? throw reader.Missing("map")))
            : throw reader.Missing("field_path");
    }

    public override ValueMap Apply(ValueMap config, ExpressionContext context)
    {
        if (map.Evaluate(context) is not { Kind: ValueKind.Map } values)
            throw new ConfigException($"The configuration does not make {Path}.map a map.");

        return ValuePaths.Change(
            Value.Of(config), [.. field.Select(part => part.EvaluateText(context) ?? "")],
            value => values.Map.TryGet(PythonText.Str(value), out var mapped) && value.Kind is not (ValueKind.Map or ValueKind.List) ? mapped : value).Map;
    }
}

/// <summary>Adds fields that are made of others.</summary>
internal sealed class ConfigAddFields(string path, IReadOnlyList<AddedField> fields, Template? condition) : ConfigTransformation(path)
{
    public static new ConfigAddFields Parse(ComponentReader reader) => reader.Done(new ConfigAddFields(
        reader.Path,
        reader.Components("fields", "AddedFieldDefinition", AddedField.Parse),
        reader.ConditionOrNull("condition")));

    public override ValueMap Apply(ValueMap config, ExpressionContext context)
    {
        foreach (var field in fields)
        {
            var current = context.With(Variable.Config, Value.Of(config.Copy()));
            var target = field.Path.Select(part => part.EvaluateText(current) ?? "").ToList();
            if (condition is null || condition.EvaluateCondition(current.Set(Variable.Property, ValuePaths.Get(Value.Of(config), target))))
                ValuePaths.Set(config, target, field.Value(current));
        }

        return config;
    }
}

/// <summary>Takes fields out. The work is that of the transformation of records.</summary>
internal sealed class ConfigRemoveFields(string path, Transformation removal) : ConfigTransformation(path)
{
    public override ValueMap Apply(ValueMap config, ExpressionContext context) => removal.Apply(config, context);
}
