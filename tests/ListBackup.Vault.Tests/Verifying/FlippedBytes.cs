namespace ListBackup.Vault.Tests.Verifying;

/// <summary>Damage of the smallest kind, everywhere.</summary>
internal static class FlippedBytes
{
    /// <summary>Flips each byte of the objects in turn; the check must notice each, and nothing before and after.</summary>
    public static async Task ShouldBeFoundAsync(IEnumerable<KeyValuePair<string, byte[]>> contents, Func<Task<bool>> isFoundSound)
    {
        var unnoticed = new List<string>();
        foreach (var (name, content) in contents)
        {
            for (var offset = 0; offset < content.Length; offset++)
            {
                content[offset] ^= 0x01;
                if (await isFoundSound()) unnoticed.Add($"{name} at {offset}");
                content[offset] ^= 0x01;
            }
        }

        unnoticed.ShouldBeEmpty();
        (await isFoundSound()).ShouldBeTrue("undamaged again, it must be sound");
    }
}
