using Mono.Cecil;
using Mono.Cecil.Cil;
using MsVit.MLNet;

namespace MsVit.Tests.Layering;

/// <summary>What the types of the compiled library use, by folder of their source files.</summary>
internal sealed class LibraryUses
{
    private readonly SourceFolders _folders = new();

    public LibraryUses()
    {
        using var library = AssemblyDefinition.ReadAssembly(typeof(MsVitTrainer).Assembly.Location);
        var types = library.MainModule.GetTypes().Where(type => !IsGenerated(Outermost(type))).ToArray();
        Homeless = [.. types.Select(Outermost).Where(type => _folders.Of(type.Name) is null).Select(type => type.FullName).Distinct()];
        Uses =
        [
            .. from type in types
               let folder = _folders.Of(Outermost(type).Name)
               from used in UsedBy(type)
               let outer = Outermost(used)
               where outer.Scope == library.MainModule && !IsGenerated(outer)
               let other = _folders.Of(outer.Name)
               where folder is not null && other is not null && folder != other
               select new Use(folder, other, $"{Outermost(type).Name} uses {outer.Name}"),
        ];
        Torch = [.. from type in types from used in UsedBy(type) where used.Namespace.StartsWith("TorchSharp", StringComparison.Ordinal)
                    let folder = _folders.Of(Outermost(type).Name) where folder is not null select new Use(folder, "TorchSharp", $"{type.FullName} uses {used.FullName}")];
        Uses = [.. Uses.Distinct()];
    }

    /// <summary>Types whose source file was not found.</summary>
    public IReadOnlyList<string> Homeless { get; }

    /// <summary>Uses of one folder by another.</summary>
    public IReadOnlyList<Use> Uses { get; }

    /// <summary>Uses of torch.</summary>
    public IReadOnlyList<Use> Torch { get; }

    private static bool IsGenerated(TypeReference type) =>
        type.Name.Contains('<', StringComparison.Ordinal) || type.Namespace.StartsWith("System.", StringComparison.Ordinal)
        || type.Namespace.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal);

    private static TypeReference Outermost(TypeReference type)
    {
        var outer = type.GetElementType();
        while (outer.DeclaringType is not null)
        {
            outer = outer.DeclaringType;
        }
        return outer;
    }

    private static IEnumerable<TypeReference> UsedBy(TypeDefinition type)
    {
        IEnumerable<TypeReference?> used =
        [
            type.BaseType,
            .. type.Interfaces.Select(i => i.InterfaceType),
            .. type.GenericParameters.SelectMany(g => g.Constraints).Select(c => c.ConstraintType),
            .. type.CustomAttributes.Select(a => a.AttributeType),
            .. type.Fields.Select(f => f.FieldType),
            .. type.Methods.SelectMany(m => m.Parameters.Select(p => p.ParameterType).Append(m.ReturnType)),
            .. type.Methods.SelectMany(m => m.GenericParameters).SelectMany(g => g.Constraints).Select(c => c.ConstraintType),
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

/// <summary>A use of one folder by another.</summary>
/// <param name="From">The folder that uses.</param>
/// <param name="To">The folder that is used.</param>
/// <param name="What">Which types.</param>
internal sealed record Use(string From, string To, string What);
