using Mono.Cecil;
using Mono.Cecil.Cil;
using MsVit.MLNet;
using TorchSharp;

namespace MsVit.Tests;

/// <summary>Reads the compiled library for numbers that torch may find freed: see Platform/SharedScalars.cs.</summary>
public sealed class SharedScalarsTests
{
    private static readonly OpCode[] Calls = [OpCodes.Call, OpCodes.Callvirt, OpCodes.Newobj];

    private static readonly OpCode[] Stores = [OpCodes.Stloc, OpCodes.Stloc_S, OpCodes.Stloc_0, OpCodes.Stloc_1, OpCodes.Stloc_2,
        OpCodes.Stloc_3, OpCodes.Stsfld];

    [Fact]
    public void The_library_calls_nothing_of_TorchSharp_that_makes_a_number_without_holding_it()
    {
        using var library = ModuleDefinition.ReadModule(typeof(MsVitTrainer).Assembly.Location);
        var makers = Makers();
        var wrong =
            from method in Methods(library)
            from instruction in method.Body.Instructions
            where Called(instruction) is { } called && makers.Contains(called)
            select $"{method.DeclaringType.FullName}.{method.Name} calls {Called(instruction)}";
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void A_number_made_by_the_library_is_kept_in_a_variable()
    {
        using var library = ModuleDefinition.ReadModule(typeof(MsVitTrainer).Assembly.Location);
        var wrong =
            from method in Methods(library)
            from instruction in method.Body.Instructions
            where Called(instruction) is { } called && IsExplicit(called) && !Stores.Contains(instruction.Next.OpCode)
            select $"{method.DeclaringType.FullName}.{method.Name} hands on {Called(instruction)}";
        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void The_sum_of_two_tensors_is_among_what_makes_a_number() =>
        Assert.Contains("TorchSharp.torch/Tensor TorchSharp.torch/Tensor::op_Addition(TorchSharp.torch/Tensor,TorchSharp.torch/Tensor)",
            Makers());

    // The implicit conversions, and all methods of TorchSharp that call one, or call such a method.
    private static HashSet<string> Makers()
    {
        using var torchSharp = ModuleDefinition.ReadModule(typeof(torch).Assembly.Location);
        var calls = Methods(torchSharp)
            .Where(method => method.DeclaringType.FullName is not ("TorchSharp.Scalar" or "TorchSharp.ScalarExtensionMethods"))
            .ToDictionary(method => method.FullName, method => method.Body.Instructions.Select(Called).OfType<string>().ToHashSet());
        var makers = calls.Where(item => item.Value.Any(called => IsImplicit(called) || IsExplicit(called))).Select(item => item.Key)
            .ToHashSet();
        for (var known = -1; known != makers.Count;)
        {
            known = makers.Count;
            makers.UnionWith(calls.Where(item => item.Value.Overlaps(makers)).Select(item => item.Key).ToArray());
        }
        makers.UnionWith(calls.Values.SelectMany(called => called).Where(IsImplicit).ToArray());
        return makers;
    }

    private static IEnumerable<MethodDefinition> Methods(ModuleDefinition module) =>
        module.GetTypes().SelectMany(type => type.Methods).Where(method => method.HasBody);

    private static string? Called(Instruction instruction) =>
        Calls.Contains(instruction.OpCode) && instruction.Operand is MethodReference method
            ? (method is GenericInstanceMethod generic ? generic.ElementMethod : method).FullName
            : null;

    private static bool IsImplicit(string method) => method.StartsWith(
        "TorchSharp.Scalar TorchSharp.Scalar::op_Implicit", StringComparison.Ordinal);

    private static bool IsExplicit(string method) => method.StartsWith("TorchSharp.Scalar ", StringComparison.Ordinal)
        && method.Contains("::ToScalar(", StringComparison.Ordinal);
}
