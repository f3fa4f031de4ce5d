using System.Reflection;
using Xunit.Sdk;

namespace MsVit.Tests.Golden;

/// <summary>Gives a row for each recorded variant that is not built yet, all of them skipped, so that every test run shows them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NotBuiltYetAttribute : DataAttribute
{
    public NotBuiltYetAttribute() => Skip = "The variant in brackets is not implemented yet, so its recorded cases are not compared.";

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => GoldenVariants.NotBuilt.Select(variant => new object[]
    {
        variant,
        string.Join(", ", GoldenVariants.Cases.Where(item => item.Variant == variant).Select(item => item.Label)),
    });
}
