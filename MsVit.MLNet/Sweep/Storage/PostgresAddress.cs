using Npgsql;

namespace MsVit.MLNet.Sweep;

/// <summary>Addresses such as postgres://user:password@host:5432/database.</summary>
internal static class PostgresAddress
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    public static bool Is(string text) => Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>The connection string of an address, or the text itself, checked.</summary>
    /// <exception cref="ArgumentException">It is neither; the message does not repeat it, as it may hold a password.</exception>
    public static string ConnectionString(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(Is(text) ? Parsed(text) : text).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or UriFormatException)
        {
            throw new ArgumentException("The connection string of PostgreSQL is not understood: expected Host=...;Database=...;Username=... or postgres://user@host/database. "
                + $"({e.GetType().Name}; the text is not repeated here, as it may hold a password.)", nameof(text));
        }
    }

    private static string Parsed(string text)
    {
        var address = new Uri(text);
        var user = address.UserInfo.Split(':', 2);
        var parts = new NpgsqlConnectionStringBuilder
        {
            Host = address.Host,
            Port = address.Port > 0 ? address.Port : NpgsqlConnection.DefaultPort,
            Database = Uri.UnescapeDataString(address.AbsolutePath.Trim('/')),
        };
        if (user[0].Length > 0)
        {
            parts.Username = Uri.UnescapeDataString(user[0]);
        }
        if (user.Length > 1)
        {
            parts.Password = Uri.UnescapeDataString(user[1]);
        }
        return parts.ConnectionString;
    }
}
