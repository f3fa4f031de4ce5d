namespace MsVit.Tests.Support;

/// <summary>A fact that needs files under <c>../shared</c>; it is skipped, saying which, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsSharedFactAttribute : FactAttribute
{
    public NeedsSharedFactAttribute(params string[] relativePaths) => Skip = SharedFiles.WhatIsMissing(relativePaths);
}
