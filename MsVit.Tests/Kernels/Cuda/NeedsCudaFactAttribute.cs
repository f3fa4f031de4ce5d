using TorchSharp;

namespace MsVit.Tests.Kernels.Cuda;

/// <summary>A fact about a GPU; skipped, saying so, where torch sees none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsCudaFactAttribute : FactAttribute
{
    private const string None = "Needs a CUDA GPU, its driver, and -p:TorchBackend=cuda-linux or cuda-windows: torch sees no GPU.";

    public NeedsCudaFactAttribute() => Skip = WhatIsMissing();

    /// <summary>Why there is no GPU; null where there is one.</summary>
    internal static string? WhatIsMissing() => torch.cuda.is_available() ? null : None;
}
