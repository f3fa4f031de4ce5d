namespace MsVit.Tests.Kernels.Cuda;

/// <summary>A theory about a GPU; skipped, saying so, where torch sees none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsCudaTheoryAttribute : TheoryAttribute
{
    public NeedsCudaTheoryAttribute() => Skip = NeedsCudaFactAttribute.WhatIsMissing();
}
