using ListBackup.Vault.Attachments;
using ListBackup.Vault.Erasing;
using ListBackup.Vault.Keys;
using ListBackup.Vault.Log;
using ListBackup.Vault.Reading;
using ListBackup.Vault.Searching;
using ListBackup.Vault.Writing;

namespace ListBackup.Vault;

/// <summary>What every part of an open vault works with.</summary>
internal sealed class VaultCore
{
    public VaultCore(IObjectStore objects, IVaultKeys accountKeys, VaultSecrets secrets, VaultOptions options)
    {
        Objects = objects;
        AccountKeys = accountKeys;
        Secrets = secrets;
        Options = options;
        StreamKeys = new StreamKeyStore(objects, secrets);
        Manifests = new ManifestStore(objects, secrets);
        Dictionaries = new DictionaryStore(objects, secrets);
        Sections = new SectionStore(objects, StreamKeys, Dictionaries);
        Indexes = new KeyIndexStore(this);
        SearchIndexes = new SearchIndexStore(this);
        Ledger = new ErasureLedger(this);
        AttachmentPlans = new AttachmentPlans(this);
        Log = new AccountLog(this);
    }

    public IObjectStore Objects { get; }

    public IVaultKeys AccountKeys { get; }

    public VaultSecrets Secrets { get; }

    public VaultOptions Options { get; }

    public StreamKeyStore StreamKeys { get; }

    public ManifestStore Manifests { get; }

    public DictionaryStore Dictionaries { get; }

    public SectionStore Sections { get; }

    public KeyIndexStore Indexes { get; }

    public SearchIndexStore SearchIndexes { get; }

    public AccountLog Log { get; }

    public FinishedDrafts Finished { get; } = new();

    public ErasureLedger Ledger { get; }

    public AttachmentPlans AttachmentPlans { get; }
}
