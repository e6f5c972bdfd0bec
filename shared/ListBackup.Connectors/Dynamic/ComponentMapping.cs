using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;
using ListBackup.Connectors.Records;

namespace ListBackup.Connectors.Dynamic;

/// <summary>Which value goes where in a stream template.</summary>
/// <param name="Creates">Put it even where the template has no such field; otherwise only fields that are there change.</param>
/// <param name="Condition">Null: always.</param>
internal sealed record ComponentMapping(IReadOnlyList<Template> Path, AddedField Source, bool Creates, Template? Condition)
{
    public static ComponentMapping Parse(ComponentReader reader)
    {
        var path = reader.Templates("field_path");
        if (path.Count == 0)
            throw reader.Missing("field_path");
        var value = reader.Raw("value");
        if (value.IsUndefined)
            throw reader.Missing("value");
        var type = reader.Has("value_type") ? reader.Choice("value_type", "", "string", "number", "integer", "boolean") : null;

        return reader.Done(new ComponentMapping(
            path,
            new AddedField(path, value.IsText ? reader.Template("value") : null, value, type),
            reader.Flag("create_or_update"),
            reader.ConditionOrNull("condition")));
    }

    /// <param name="readsYaml">A text that reads as YAML becomes what it reads as: the language's way to write maps and lists into a text field of a form.</param>
    public Value Apply(Value component, ExpressionContext context, bool readsYaml)
    {
        if (Condition is not null && !Condition.EvaluateCondition(context))
            return component;

        var value = Source.Value(context);

        return TemplatePath.Put(component, [.. Path.Select(part => part.EvaluateText(context) ?? "")], readsYaml && value.IsText ? Read(value) : value, Creates);
    }

    /// <summary>True when an expression of this mapping mentions one of these words.</summary>
    public bool Mentions(params ReadOnlySpan<string> words)
    {
        foreach (var text in (IEnumerable<string?>)[.. Path.Select(part => part.Source), Source.Template?.Source, Condition?.Source])
        {
            foreach (var word in words)
            {
                if (text?.Contains(word, StringComparison.Ordinal) == true)
                    return true;
            }
        }

        return false;
    }

    private static Value Read(Value text)
    {
        try
        {
            return ManifestYaml.Parse(text.Text);
        }
        catch (ManifestException)
        {
            // No YAML, so the text is meant as it stands.
            return text;
        }
    }
}
