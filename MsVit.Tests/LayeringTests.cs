using Mono.Cecil;
using Mono.Cecil.Cil;
using MsVit.MLNet;

namespace MsVit.Tests;

/// <summary>Holds the direction of the arrows between the library's folders (docs/decisions.md, "Layers").</summary>
public sealed class LayeringTests
{
    private const string Root = "MsVit.MLNet";

    // A folder may use itself, what its row names, and nothing else of the library. The root may use everything in the table.
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Platform"] = [],
        ["Data"] = [],
        ["Network"] = ["Platform"],
        ["Interop"] = ["Network", "Platform"],
        ["Training"] = ["Network", "Data", "Platform", "Interop"],
        ["Scoring"] = ["Network", "Data", "Platform", "Training", "Interop"],
        ["Transforms"] = ["Data"],
        ["Benchmarking"] = ["Network", "Data", "Platform", "Training", "Scoring", "Sweep", "Hosting", ""],
        ["Analysis"] = ["Network", "Data", "Platform", "Training", "Scoring"],
        ["Report"] = ["Network", "Data", "Platform", "Training", "Scoring", "Analysis", "Sweep", ""],
        ["Hosting"] = ["Network", "Data", "Platform", "Training", "Scoring", "Transforms", "Analysis", ""],
        ["Sweep"] = ["Network", "Data", "Platform", "Training", "Scoring", "Transforms", "Analysis", ""],
    };

    private static readonly AssemblyDefinition Library = AssemblyDefinition.ReadAssembly(typeof(MsVitTrainer).Assembly.Location);

    [Fact]
    public void Every_folder_of_the_library_has_a_place_in_the_table()
    {
        var unknown = Library.MainModule.Types.Select(Folder).OfType<string>().Distinct().Except(Allowed.Keys.Append("")).ToArray();
        Assert.Empty(unknown);
    }

    [Theory]
    [InlineData("Platform")]
    [InlineData("Data")]
    [InlineData("Network")]
    [InlineData("Interop")]
    [InlineData("Training")]
    [InlineData("Scoring")]
    [InlineData("Transforms")]
    [InlineData("Benchmarking")]
    [InlineData("Analysis")]
    [InlineData("Report")]
    [InlineData("Sweep")]
    [InlineData("Hosting")]
    public void A_folder_uses_only_what_the_table_allows(string folder)
    {
        var wrong =
            from type in AllTypes().Where(type => Folder(type) == folder)
            from used in Uses(type)
            let other = Folder(used)
            where other is not null && other != folder && !Allowed[folder].Contains(other)
            select $"{type.FullName} uses {used.FullName}";
        Assert.Empty(wrong.Distinct());
    }

    [Theory]
    [InlineData("Data")]
    public void Data_knows_nothing_of_torch(string folder)
    {
        var wrong =
            from type in AllTypes().Where(type => Folder(type) == folder)
            from used in Uses(type)
            where used.Namespace.StartsWith("TorchSharp", StringComparison.Ordinal)
            select $"{type.FullName} uses {used.FullName}";
        Assert.Empty(wrong.Distinct());
    }

    private static IEnumerable<TypeDefinition> AllTypes() => Library.MainModule.GetTypes();

    // The part of the namespace after the root's: "" for the root itself, null for what is not the library's.
    private static string? Folder(TypeReference type)
    {
        var outer = type.GetElementType();
        while (outer.DeclaringType is not null)
        {
            outer = outer.DeclaringType;
        }
        return outer.Namespace == Root || outer.Namespace == "Microsoft.ML" && outer.Scope == Library.MainModule ? ""
            : outer.Namespace == "Microsoft.Extensions.DependencyInjection" && outer.Scope == Library.MainModule ? "Hosting"
            : outer.Namespace.StartsWith(Root + ".", StringComparison.Ordinal) ? outer.Namespace[(Root.Length + 1)..].Split('.')[0]
            : null;
    }

    private static IEnumerable<TypeReference> Uses(TypeDefinition type)
    {
        IEnumerable<TypeReference?> used =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.Fields.Select(f => f.FieldType),
            .. type.Methods.SelectMany(m => m.Parameters.Select(p => p.ParameterType).Append(m.ReturnType)),
            .. type.Methods.Where(m => m.HasBody).SelectMany(m => m.Body.Variables.Select(v => v.VariableType)),
            .. type.Methods.Where(m => m.HasBody).SelectMany(m => m.Body.Instructions.SelectMany(Operands)),
        ];
        return used.OfType<TypeReference>().SelectMany(Parts);
    }

    private static IEnumerable<TypeReference?> Operands(Instruction instruction) => instruction.Operand switch
    {
        TypeReference type => [type],
        GenericInstanceMethod method => [method.DeclaringType, method.ReturnType, .. method.GenericArguments],
        MethodReference method => [method.DeclaringType, method.ReturnType],
        FieldReference field => [field.DeclaringType, field.FieldType],
        _ => [],
    };

    private static IEnumerable<TypeReference> Parts(TypeReference type) => type is GenericInstanceType generic
        ? generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType)
        : [type.GetElementType()];
}
