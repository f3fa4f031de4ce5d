namespace MsVit.MLNet.Sweep;

/// <summary>Opens the store that a text names.</summary>
internal static class TrialStores
{
    private static readonly string[] Files = [".db", ".sqlite", ".sqlite3"];

    /// <summary>Opens it.</summary>
    /// <param name="store">A file name ending in .db, .sqlite or .sqlite3; a connection string of PostgreSQL (Host=...;Database=...) or its address (postgres://...); null for memory.</param>
    /// <exception cref="ArgumentException">It is none of these.</exception>
    /// <exception cref="InvalidDataException">The file is no SQLite database, or the tables are of a newer version.</exception>
    /// <exception cref="IOException">The server cannot be reached.</exception>
    public static ITrialStore Open(string? store) =>
        store is null ? new InMemoryTrialStore()
        : IsShared(store) ? new SqlTrialStore(new PostgresDialect(PostgresAddress.ConnectionString(store)))
        : IsFile(store) ? new SqlTrialStore(new SqliteDialect(store))
        : throw new ArgumentException(
            "The store of the trials is not understood: expected a file name ending in .db or .sqlite, or for PostgreSQL Host=...;Database=... or postgres://user@host/database.", nameof(store));

    /// <summary>Whether workers on several machines can share it.</summary>
    public static bool IsShared(string? store) => store is not null && !IsFile(store)
        && (PostgresAddress.Is(store) || store.Contains("Host=", StringComparison.OrdinalIgnoreCase) || store.Contains("Server=", StringComparison.OrdinalIgnoreCase));

    /// <summary>The folder for checkpoints and models beside a store's file; null where the store is none.</summary>
    public static string? FolderOf(string? store) => store is not null && IsFile(store) ? Path.GetFullPath(store) + ".files" : null;

    private static bool IsFile(string store) => Files.Contains(Path.GetExtension(store), StringComparer.OrdinalIgnoreCase);
}
