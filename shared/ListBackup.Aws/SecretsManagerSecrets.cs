using Amazon.SecretsManager;
using Amazon.SecretsManager.Model;
using ListBackup.Domain;

namespace ListBackup.Aws;

/// <summary>Secrets in Secrets Manager.</summary>
public sealed class SecretsManagerSecrets(IAmazonSecretsManager secrets, AwsSettings settings) : ISecrets
{
    public async Task<string?> FindAsync(string name, CancellationToken cancellation)
    {
        try
        {
            var answer = await secrets.GetSecretValueAsync(new() { SecretId = NameOf(name) }, cancellation);
            return answer.SecretString;
        }
        catch (ResourceNotFoundException)
        {
            return null;
        }
    }

    public async Task PutAsync(string name, string value, CancellationToken cancellation)
    {
        if (await TryReplaceAsync(name, value, cancellation)) return;
        try
        {
            await secrets.CreateSecretAsync(new() { Name = NameOf(name), SecretString = value }, cancellation);
        }
        catch (ResourceExistsException)
        {
            // Somebody created it since; the later put wins, as if it had come later still.
            await secrets.PutSecretValueAsync(new() { SecretId = NameOf(name), SecretString = value }, cancellation);
        }
    }

    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        try
        {
            // At once: a deleted connection's credentials must not be restorable for days.
            await secrets.DeleteSecretAsync(new() { SecretId = NameOf(name), ForceDeleteWithoutRecovery = true }, cancellation);
        }
        catch (ResourceNotFoundException)
        {
            // There is none, as asked.
        }
    }

    private async Task<bool> TryReplaceAsync(string name, string value, CancellationToken cancellation)
    {
        try
        {
            await secrets.PutSecretValueAsync(new() { SecretId = NameOf(name), SecretString = value }, cancellation);
            return true;
        }
        catch (ResourceNotFoundException)
        {
            return false;
        }
    }

    private string NameOf(string name) => settings.NamePrefix + name;
}
