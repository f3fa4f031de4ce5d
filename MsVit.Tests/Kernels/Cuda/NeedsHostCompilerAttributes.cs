namespace MsVit.Tests.Kernels.Cuda;

/// <summary>A fact that compiles the kernels for the CPU; skipped where no C++ compiler is.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsHostCompilerFactAttribute : FactAttribute
{
    internal const string Missing = "Needs Linux with g++ or clang++ on the path, to compile the CUDA kernels for the CPU.";

    public NeedsHostCompilerFactAttribute() => Skip = HostCompiler.Name is null ? Missing : null;
}

/// <summary>A theory of that kind.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsHostCompilerTheoryAttribute : TheoryAttribute
{
    public NeedsHostCompilerTheoryAttribute() => Skip = HostCompiler.Name is null ? NeedsHostCompilerFactAttribute.Missing : null;
}
