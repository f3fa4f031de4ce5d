namespace MsVit.Tests.Support;

/// <summary>A theory that needs files under <c>../shared</c>; it is skipped, saying which, where they are absent.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsSharedTheoryAttribute : TheoryAttribute
{
    public NeedsSharedTheoryAttribute(params string[] relativePaths) => Skip = SharedFiles.WhatIsMissing(relativePaths);
}
