using System.Reflection;
using System.Runtime.Loader;
using ListBackup.Testing;

namespace ListBackup.Tidy.Tests.Functions;

/// <summary>What the attributes on a function's method say: <c>[LambdaFunction]</c> and the one of its event.</summary>
internal sealed record AnnotatedFunction(string Service, string Folder, string Project, string ResourceName, int MemorySize, int Timeout, string EventKind, IReadOnlyDictionary<string, string> Event)
{
    private const string Annotations = "Amazon.Lambda.Annotations.";

    public static IReadOnlyList<AnnotatedFunction> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(BuildOutput.Root, "services"), "*.csproj", SearchOption.AllDirectories)
            .Where(file => file.Contains("/functions/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(Read),
    ];

    private static AnnotatedFunction Read(string projectFile)
    {
        var folder = Path.GetDirectoryName(projectFile) ?? "";
        var project = Path.GetFileNameWithoutExtension(projectFile);
        var method = AnnotatedMethod(project);
        var function = method.CustomAttributes.Single(IsLambdaFunction);
        var trigger = method.CustomAttributes.Single(attribute =>
            !IsLambdaFunction(attribute) && attribute.AttributeType.FullName?.StartsWith(Annotations, StringComparison.Ordinal) == true);
        var values = ValuesOf(function);
        return new(
            Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(folder))) ?? "",
            Path.GetFileName(folder),
            project,
            values["ResourceName"],
            int.Parse(values["MemorySize"]),
            int.Parse(values["Timeout"]),
            trigger.AttributeType.Name,
            ValuesOf(trigger));
    }

    // Every function's assembly is called bootstrap, so each is loaded apart from the others.
    private static MethodInfo AnnotatedMethod(string project)
    {
        var program = BuildOutput.Program(project, "bootstrap.dll");
        var context = new AssemblyLoadContext(project);
        context.Resolving += (apart, name) =>
            Path.Combine(Path.GetDirectoryName(program) ?? "", $"{name.Name}.dll") is var beside && File.Exists(beside) ? apart.LoadFromAssemblyPath(beside) : null;
        var methods = context.LoadFromAssemblyPath(program).GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
            .Where(method => method.CustomAttributes.Any(IsLambdaFunction))
            .ToList();
        return methods.Count == 1 ? methods[0] : throw new InvalidOperationException($"{project} has {methods.Count} methods with [LambdaFunction]; a function has one.");
    }

    private static bool IsLambdaFunction(CustomAttributeData attribute) => attribute.AttributeType.FullName == Annotations + "LambdaFunctionAttribute";

    private static Dictionary<string, string> ValuesOf(CustomAttributeData attribute)
    {
        var names = attribute.Constructor.GetParameters().Select(parameter => parameter.Name ?? "");
        return names.Zip(attribute.ConstructorArguments, (name, argument) => (name, argument.Value))
            .Concat(attribute.NamedArguments.Select(argument => (name: argument.MemberName, argument.TypedValue.Value)))
            .ToDictionary(pair => pair.name, pair => pair.Value?.ToString() ?? "");
    }
}
