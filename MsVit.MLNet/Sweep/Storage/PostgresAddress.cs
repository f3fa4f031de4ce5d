using Npgsql;

namespace MsVit.MLNet.Sweep;

/// <summary>PostgreSQL addresses such as postgres://user:password@host:5432/database.</summary>
internal static class PostgresAddress
{
    private static readonly string[] Schemes = ["postgres://", "postgresql://"];

    public static bool Is(string text) => Schemes.Any(scheme => text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <summary>Converts an address to a connection string, or validates a connection string.</summary>
    /// <exception cref="ArgumentException">
    /// The text is neither. The message does not repeat it, because it may contain a password.
    /// </exception>
    public static string ConnectionString(string text)
    {
        try
        {
            return new NpgsqlConnectionStringBuilder(Is(text) ? Parsed(text) : text).ConnectionString;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or UriFormatException)
        {
            throw new ArgumentException(
                "The PostgreSQL connection string is invalid: "
                + "expected Host=...;Database=...;Username=... or postgres://user@host/database. "
                + $"({e.GetType().Name}; the text is not repeated here because it may contain a password.)", nameof(text));
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
