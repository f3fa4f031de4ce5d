using System.Data.Common;
using System.Globalization;

namespace MsVit.MLNet.Sweep;

/// <summary>Executes SQL with named parameters on a connection, within its current transaction.</summary>
internal static class SqlCommands
{
    /// <summary>Executes a statement and returns the number of rows changed.</summary>
    public static int Execute(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>Returns the first integer that a query finds; null if it finds no row.</summary>
    public static int? QueryInt(this DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> values)
    {
        using var command = connection.Command(sql, values);
        return command.ExecuteScalar() is { } found ? Convert.ToInt32(found, CultureInfo.InvariantCulture) : null;
    }

    /// <summary>Creates a command; the caller disposes of it.</summary>
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
