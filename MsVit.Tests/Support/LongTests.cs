namespace MsVit.Tests.Support;

/// <summary>
/// The trait of tests that take many seconds, because they train, kill processes or wait for other workers. Leave them out with
/// <c>dotnet test --filter Duration!=long</c>.
/// </summary>
internal static class LongTests
{
    public const string Trait = "Duration", Long = "long";
}
