using System.Security.Cryptography;
using ListBackup.Connectors.Expressions;

namespace ListBackup.Testing.Manifests;

/// <summary>Other credentials than a configuration has, for platforms that must not let it in.</summary>
internal static class FakeCredentials
{
    /// <summary>The configuration with every text changed, save for those that choose the way to sign in.</summary>
    public static Value Others(Value config, IEnumerable<Component> requesters)
    {
        var choices = requesters.Select(requester => requester.Child("authenticator")).OfType<Component>()
            .Where(authenticator => authenticator.Type == "SelectiveAuthenticator").Select(authenticator => string.Join('.', authenticator.Texts("authenticator_selection_path"))).ToHashSet(StringComparer.Ordinal);

        return Changed(config, "", choices);
    }

    /// <summary>True when a requester's error handler takes a refusal for no error.</summary>
    public static bool MayPassOver(IEnumerable<Component> requesters) => requesters.Any(requester => requester.Child("error_handler") is { } handler && Filters(handler).Any(PassesOver));

    private static Value Changed(Value value, string path, HashSet<string> choices) => value.Kind switch
    {
        ValueKind.Map => Value.Of(value.Map.Aggregate(new ValueMap(), (map, member) => map.Set(member.Key, Changed(member.Value, path.Length == 0 ? member.Key : $"{path}.{member.Key}", choices)))),
        ValueKind.Text when choices.Contains(path) || value.Text.Contains("://", StringComparison.Ordinal) => value,
        ValueKind.Text when value.Text.StartsWith("-----BEGIN", StringComparison.Ordinal) => Value.Of(AnotherKey()),
        ValueKind.Text => Value.Of($"{value.Text}-other"),
        _ => value,
    };

    private static string AnotherKey()
    {
        using var rsa = RSA.Create(2048);

        return rsa.ExportPkcs8PrivateKeyPem();
    }

    private static IEnumerable<Component> Filters(Component handler) => handler.Children("response_filters").Concat(handler.Children("error_handlers").SelectMany(Filters));

    private static bool PassesOver(Component filter) =>
        filter.Text("action") is "IGNORE" or "SUCCESS" && (filter.Texts("http_codes").Contains("401") || filter.Texts("http_codes").Contains("400") || filter.Text("predicate") is not null);
}
