namespace MsVit.Tests.Support;

/// <summary>A fact that needs a PostgreSQL server; it is skipped where there is none to start, saying what is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.Missing;
}
