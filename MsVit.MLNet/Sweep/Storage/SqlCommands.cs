using System.Data.Common;
using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>SQL with named values, on a connection and in the transaction that it has.</summary>
internal static class SqlCommands
{
    /// <summary>How many rows a statement changed.</summary>
    public static int Run(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The whole number that a query finds first; null for no row.</summary>
    public static int? Whole(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteScalar() is { } found ? Convert.ToInt32(found, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>A command; the caller disposes of it.</summary>
    public static DbCommand Command(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }
        return command;
    }
}
