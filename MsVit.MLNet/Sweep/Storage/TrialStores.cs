namespace MsVit.MLNet.Sweep;

/// <summary>Opens a trial store.</summary>
internal static class TrialStores
{
    private static readonly string[] Files = [".db", ".sqlite", ".sqlite3"];

    /// <summary>Opens a store.</summary>
    /// <param name="store">
    /// A file name ending in .db, .sqlite or .sqlite3; a PostgreSQL connection string (Host=...;Database=...) or address (postgres://...);
    /// or null for memory.
    /// </param>
    /// <exception cref="ArgumentException">The text is none of these.</exception>
    /// <exception cref="InvalidDataException">The file is not a SQLite database, or a newer version created its tables.</exception>
    /// <exception cref="IOException">The server is unreachable.</exception>
    public static ITrialStore Open(string? store) =>
        store is null ? new InMemoryTrialStore()
        : IsShared(store) ? new SqlTrialStore(new PostgresDialect(PostgresAddress.ConnectionString(store)))
        : IsFile(store) ? new SqlTrialStore(new SqliteDialect(store))
        : throw new ArgumentException(
            "The trial store is invalid: expected a file name ending in .db or .sqlite, "
            + "or for PostgreSQL Host=...;Database=... or postgres://user@host/database.", nameof(store));

    /// <summary>Whether workers on several machines can share it.</summary>
    public static bool IsShared(string? store) => store is not null && !IsFile(store)
        && (PostgresAddress.Is(store)
            || store.Contains("Host=", StringComparison.OrdinalIgnoreCase)
            || store.Contains("Server=", StringComparison.OrdinalIgnoreCase));

    /// <summary>The folder for checkpoints and models beside a store's file; null if the store is not a file.</summary>
    public static string? FolderOf(string? store) =>
        store is not null && IsFile(store) ? Path.GetFullPath(store) + ".files" : null;

    private static bool IsFile(string store) => Files.Contains(Path.GetExtension(store), StringComparer.OrdinalIgnoreCase);
}
