using MsVit.Trainer.Bench;

namespace MsVit.Tests.Trainer.Bench;

/// <summary>A fact about the peak of resident memory; it is skipped where the system cannot measure that.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsPeakMemoryFactAttribute : FactAttribute
{
    internal static readonly string? Missing =
        PeakMemory.IsMeasurable ? null : "Needs Linux with a writable /proc/self/clear_refs, to measure the peak of memory.";

    public NeedsPeakMemoryFactAttribute() => Skip = Missing;
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsPeakMemoryTheoryAttribute : TheoryAttribute
{
    public NeedsPeakMemoryTheoryAttribute() => Skip = NeedsPeakMemoryFactAttribute.Missing;
}
