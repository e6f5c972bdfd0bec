using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace ListBackup.Catalogue.Tests.Vendors;

/// <summary>Stripe's bodies: forms whose nested fields stand in brackets. An empty value means null.</summary>
public static class StripeForm
{
    private static readonly string[] Integers =
        ["amount", "amount_off", "duration_in_months", "expires_at", "interval_count", "max_redemptions", "maximum", "minimum", "minimum_amount", "preset", "redeem_by", "unit_amount"];

    private static readonly string[] Decimals = ["percent_off", "percentage"];
    private static readonly string[] Flags = ["active", "disabled", "enabled", "first_time_transaction", "inclusive", "shippable"];

    public static JsonObject Parse(string body)
    {
        var root = new JsonObject();
        foreach (var (name, values) in QueryHelpers.ParseQuery(body)) Put(root, name.Replace("]", "").Split('['), values[0] ?? "");
        return Listed(root).AsObject();
    }

    private static void Put(JsonObject map, IReadOnlyList<string> path, string value)
    {
        if (path.Count == 1)
        {
            map[path[0]] = Typed(path[0], value);
            return;
        }

        if (map[path[0]] is not JsonObject inner) map[path[0]] = inner = [];
        Put(inner, [.. path.Skip(1)], value);
    }

    private static JsonNode? Typed(string name, string value) => value switch
    {
        "" => null,
        _ when Integers.Contains(name) => long.Parse(value, CultureInfo.InvariantCulture),
        _ when Decimals.Contains(name) => JsonNode.Parse(value),
        _ when Flags.Contains(name) => bool.Parse(value),
        _ => value,
    };

    /// <summary>Maps whose keys are 0, 1, 2 … are lists.</summary>
    private static JsonNode Listed(JsonObject map)
    {
        foreach (var (name, value) in map.ToList())
        {
            if (value is JsonObject inner) map[name] = Listed(inner).DeepClone();
        }

        return map.Count > 0 && map.Select((member, at) => member.Key == at.ToString(CultureInfo.InvariantCulture)).All(isIndex => isIndex)
            ? new JsonArray([.. map.Select(member => member.Value?.DeepClone())])
            : map;
    }
}
