using Mono.Cecil;
using Mono.Cecil.Cil;
using MsVit.MLNet;

namespace MsVit.Tests;

/// <summary>Reads the compiled library for state that all of a process shares.</summary>
public sealed class StaticStateTests
{
    // What is not constant, and why there is no better place for it.
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["NativeTorch::_loaded"] = "libtorch is loaded once in a process",
        ["NativeTorch::Tried"] = "where libtorch was looked for; the error message names it",
        ["PooledTensor::<Pool>"] = "the memory that tensors of the whole process take and give back, as from an allocator",
        ["CudaLif::<Gpu>"] = "keeps the compiled kernels of the process's GPUs: they are loaded into the driver's context, which is one "
            + "a process",
        ["LaneAffine::Identities"] = "constants of a length that is known at run time, made when they are first needed",
        ["ServingMetrics::Activities"] = ".NET's way to publish activities: listeners find the source by its name",
    };

    // Types of .NET and of TorchSharp whose values do not change, or that are set up once and then read.
    private static readonly HashSet<string> Constant =
    [
        "System.String", "System.Type", "System.Decimal", "System.TimeSpan", "System.DateTime", "System.DateTimeOffset", "System.IntPtr",
            "System.UIntPtr",
        "System.Object", "System.Threading.Lock", "System.Reflection.FieldInfo", "System.Text.RegularExpressions.Regex",
            "System.Xml.XmlReaderSettings",
        "System.Text.Json.JsonSerializerOptions", "System.Text.Json.JsonWriterOptions", "System.IO.EnumerationOptions", "TorchSharp.Scalar",
        "Microsoft.ML.Runtime.ProgressHeader", "Microsoft.ML.Data.PrimitiveDataViewType",
    ];

    private static readonly string[] ConstantGenerics =
    [
        "System.Collections.Generic.IReadOnlyList`1", "System.Collections.Generic.IReadOnlyCollection`1",
            "System.Collections.Generic.IReadOnlyDictionary`2",
        "System.Collections.Frozen.FrozenDictionary`2", "System.Collections.Frozen.FrozenSet`1", "System.Nullable`1",
            "System.ValueTuple`2", "System.ValueTuple`3",
        "System.ValueTuple`4", "System.Buffers.SearchValues`1", "System.Diagnostics.Metrics.InstrumentAdvice`1",
    ];

    [Fact]
    public void Nothing_of_the_library_changes_for_all_of_a_process_but_for_the_exceptions_named_here()
    {
        using var others = new DefaultAssemblyResolver();
        others.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
        others.AddSearchDirectory(AppContext.BaseDirectory);
        using var library = ModuleDefinition.ReadModule(typeof(MsVitTrainer).Assembly.Location,
            new ReaderParameters { AssemblyResolver = others });
        string[] state =
        [
            .. from type in library.GetTypes()
               where !IsGenerated(type)
               from field in type.Fields
               where field.IsStatic && !field.IsLiteral && !(IsConstant(field) && (field.FieldType is not ArrayType || IsOnlyRead(field)))
               select $"{type.Name}::{field.Name.Replace("k__BackingField", "", StringComparison.Ordinal)}",
        ];
        Assert.Equal("", string.Join('\n', state.Except(Exceptions.Keys)));
        Assert.Equal("", string.Join('\n', Exceptions.Keys.Except(state)));
    }

    // The compiler's caches of delegates, and what source generators write.
    private static bool IsGenerated(TypeDefinition type) =>
        type.Name.StartsWith('<') || (type.DeclaringType is { } outer ? IsGenerated(outer)
            : type.Namespace.StartsWith("System.", StringComparison.Ordinal));

    private static bool IsConstant(FieldDefinition field) =>
        (field.IsInitOnly || field.Name.StartsWith("__Log", StringComparison.Ordinal))
        && !field.CustomAttributes.Any(attribute => attribute.AttributeType.Name == nameof(ThreadStaticAttribute))
        && IsConstant(field.FieldType, []);

    private static bool IsConstant(TypeReference type, HashSet<string> above)
    {
        if (!above.Add(type.FullName) || type.IsPrimitive || type is FunctionPointerType or PointerType || Constant.Contains(type.FullName))
        {
            return true;
        }
        return type switch
        {
            ArrayType array => IsConstant(array.ElementType, above),
            GenericInstanceType generic when ConstantGenerics.Contains(generic.ElementType.FullName) =>
                generic.GenericArguments.All(argument => IsConstant(argument, above)),
            GenericParameter => true,
            _ => type.Resolve() is { } resolved && (resolved.IsEnum || IsDelegate(resolved) || IsOfConstants(resolved, above)),
        };
    }

    // An array is a constant if only its own type sees it, and no method that loads it stores elements, but into arrays that the method
    // makes.
    private static bool IsOnlyRead(FieldDefinition array) => array.IsPrivate && !array.DeclaringType.Methods
        .Concat(array.DeclaringType.NestedTypes.SelectMany(type => type.Methods))
        .Any(method => method.HasBody && !method.IsConstructor
            && method.Body.Instructions.Any(instruction => instruction.OpCode.Code == Code.Ldsfld && instruction.Operand == array)
            && method.Body.Instructions.Any(instruction => instruction.OpCode.Name.StartsWith("stelem", StringComparison.Ordinal))
            && !method.Body.Instructions.Any(instruction => instruction.OpCode.Code == Code.Newarr));

    private static bool IsDelegate(TypeDefinition type) => type.BaseType?.FullName == "System.MulticastDelegate";

    private static bool IsOfConstants(TypeDefinition type, HashSet<string> above) =>
        type.Module.Assembly.Name.Name == typeof(MsVitTrainer).Assembly.GetName().Name
        && !type.IsInterface
        && type.Fields.Where(field => !field.IsStatic).All(field => field.IsInitOnly && IsConstant(field.FieldType, above))
        && (type.BaseType is null or { FullName: "System.Object" or "System.ValueType" or "System.Enum" }
            || IsConstant(type.BaseType, above));
}
