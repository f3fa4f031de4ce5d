namespace MsVit.Tests.Support;

/// <summary>Tests that read or set what belongs to the whole process, such as its memory: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneTests
{
    public const string Name = "Alone";
}
