using ListBackup.Connectors.Expressions;
using ListBackup.Connectors.Manifest;

namespace ListBackup.Connectors.Requests;

/// <summary>Where a value (page token, slice, credential) goes in a request.</summary>
internal sealed record RequestOption(string InjectInto, Template? FieldName, IReadOnlyList<Template> FieldPath)
{
    public static RequestOption Parse(ComponentReader reader)
    {
        if (reader.Type != nameof(RequestOption))
            throw reader.WrongType();

        var option = new RequestOption(
            reader.Choice("inject_into", "", "request_parameter", "header", "body_data", "body_json"), reader.TemplateOrNull("field_name"), reader.Templates("field_path"));
        if (option.FieldName is null && option.FieldPath.Count == 0)
            throw reader.Missing("field_name");
        if (option.FieldPath.Count > 0 && option.InjectInto != "body_json")
        {
            // Where a name is given too, the path is what the language takes it for elsewhere: a member that says nothing.
            if (option.FieldName is null)
                throw reader.Problem("field_path", "A path goes into a JSON body only.");
            reader.Context.Warn(new ManifestProblem(reader.At("field_path"), reader.Type, "A path goes into a JSON body only; here it has no effect."));
        }

        return reader.Done(option);
    }

    public void Inject(RequestParts parts, Value value, ExpressionContext context)
    {
        if (value.IsNothing)
            return;

        var name = FieldName?.EvaluateText(context) ?? "";
        switch (InjectInto)
        {
            case "request_parameter":
                parts.SetQuery(name, value);
                break;
            case "header":
                parts.SetHeader(name, PythonText.Str(value));
                break;
            case "body_data":
                parts.Form.RemoveAll(pair => pair.Key == name);
                parts.AddForm(name, value);
                break;
            default:
                parts.Json ??= new ValueMap();
                ValuePaths.Set(parts.Json, FieldPath.Count > 0 ? [.. FieldPath.Select(part => part.EvaluateText(context) ?? "")] : [name], value);
                break;
        }
    }
}
