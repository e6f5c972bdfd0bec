using System.Reflection;
using ListBackup.Domain;
using ListBackup.Functions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace ListBackup.Host.Tests;

/// <summary>One endpoint of the running Host and one of its methods, with what a test has to know to call it.</summary>
public sealed record Route(string Method, string Pattern, PermissionMetadata? Demanded, IReadOnlyDictionary<string, Type?> Parameters, IReadOnlyList<ParameterInfo> Queries, bool TakesBody)
{
    public bool IsTenants => Parameters.ContainsKey(Permissions.AccountParameter);

    /// <summary>Parts of an account that the route names, beside the account.</summary>
    public IEnumerable<string> SubResources => Parameters.Keys.Where(name => name != Permissions.AccountParameter);

    public static IReadOnlyList<Route> Of(WebApplication app) =>
    [
        .. app.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]).Select(method => Of(endpoint, method)))
            .OrderBy(route => route.Pattern, StringComparer.Ordinal).ThenBy(route => route.Method, StringComparer.Ordinal),
    ];

    /// <summary>The path with an account and, for everything else, either the given ids by their type or fresh ones.</summary>
    public string Path(AccountId account, IReadOnlyDictionary<Type, string> ids)
    {
        var path = Pattern;
        foreach (var (name, type) in Parameters)
            path = System.Text.RegularExpressions.Regex.Replace(path, $@"\{{\**{name}(:[^}}]*)?\??\}}", Value(name, type, account, ids));
        // Without what it cannot do without, a request is refused before anything is looked for.
        var query = string.Join('&', Queries.Select(p => $"{p.Name}={Value(p.Name!, p.ParameterType, account, ids)}")); // A handler's parameters have names.
        return query.Length == 0 ? path : $"{path}?{query}";
    }

    public override string ToString() => $"{Method} {Pattern}";

    private static Route Of(RouteEndpoint endpoint, string method)
    {
        var handler = endpoint.Metadata.GetMetadata<MethodInfo>();
        var parameters = endpoint.RoutePattern.Parameters.ToDictionary(
            p => p.Name, p => handler?.GetParameters().FirstOrDefault(own => own.Name == p.Name)?.ParameterType, StringComparer.Ordinal);
        var queries = handler?.GetParameters().Where(p => !parameters.ContainsKey(p.Name ?? "") && IsRequiredQuery(p)).ToList() ?? [];
        return new(method, endpoint.RoutePattern.RawText ?? "/", endpoint.Metadata.GetMetadata<PermissionMetadata>(), parameters, queries,
            endpoint.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IAcceptsMetadata>() is not null);
    }

    private static bool IsRequiredQuery(ParameterInfo parameter) =>
        !parameter.HasDefaultValue && new NullabilityInfoContext().Create(parameter).WriteState != NullabilityState.Nullable
        && parameter.ParameterType != typeof(CancellationToken)
        && (parameter.ParameterType == typeof(string) || parameter.ParameterType.IsValueType);

    private static string Value(string name, Type? type, AccountId account, IReadOnlyDictionary<Type, string> ids)
    {
        if (name == Permissions.AccountParameter) return account.ToString();
        if (type is null) return "x";
        if (ids.TryGetValue(type, out var known)) return known;
        var make = type.GetMethod("New", BindingFlags.Public | BindingFlags.Static, [typeof(TimeProvider)]);
        return make?.Invoke(null, [TimeProvider.System])?.ToString() ?? (type == typeof(string) ? "x" : "1");
    }
}
