using System.Globalization;
using System.Numerics;

namespace ListBackup.Connectors.Expressions;

/// <summary>Tokens → statements, by Jinja's grammar. Names, functions, filters and tests are looked up here, once.</summary>
internal sealed class Parser(string source, Value parameters)
{
    /// <summary>Deeper than anybody writes and far from the end of the stack.</summary>
    private const int DepthMax = 100;

    private readonly List<Token> _tokens = Lexer.Cut(source);
    private readonly Stack<Dictionary<string, int>> _scopes = new([new Dictionary<string, int>(StringComparer.Ordinal)]);
    private int _at;
    private int _depth;

    /// <summary>How many local names an evaluation needs room for.</summary>
    public int LocalCount { get; private set; }

    public Statement[] Document()
    {
        var statements = Statements();
        if (Current.Kind != TokenKind.End)
            throw Unexpected("the end");

        return statements;
    }

    private Token Current => _tokens[_at];

    private Statement[] Statements(params string[] until)
    {
        var statements = new List<Statement>();
        while (Current.Kind != TokenKind.End)
        {
            if (Current.Kind == TokenKind.Text)
            {
                statements.Add(new TextStatement(Take().Text));
            }
            else if (Current.Kind == TokenKind.OutputStart)
            {
                Take();
                var expression = TupleExpression();
                Expect(TokenKind.OutputEnd, "}}");
                statements.Add(new OutputStatement(expression));
            }
            else if (Current.Kind == TokenKind.BlockStart)
            {
                if (until.Contains(_tokens[_at + 1].Text))
                    break;
                Take();
                statements.Add(Nested(Block));
            }
            else
            {
                throw Unexpected("a text or an expression");
            }
        }

        return [.. statements];
    }

    private Statement Block()
    {
        var word = Name();

        return word switch
        {
            "set" => Set(),
            "if" => If(),
            "for" => For(),
            "do" => Do(),
            _ => throw new ExpressionException($"The statement '{word}' is not known."),
        };
    }

    private Statement Set()
    {
        var names = Names();
        if (TakeSign("="))
        {
            var value = TupleExpression();
            EndBlock();

            return new SetStatement([.. names.Select(Declare)], value);
        }

        EndBlock();
        if (names.Count != 1)
            throw new ExpressionException("A set block has one name.");
        var body = Statements("endset");
        EndOf("endset");

        return new SetBlockStatement(Declare(names[0]), body);
    }

    private Statement If()
    {
        var branches = new List<(Node, Statement[])>();
        Statement[] otherwise = [];
        var condition = TupleExpression();
        EndBlock();
        while (true)
        {
            branches.Add((condition, Statements("elif", "else", "endif")));
            Expect(TokenKind.BlockStart, "{% endif %}");
            var word = Name();
            if (word == "elif")
            {
                condition = TupleExpression();
                EndBlock();
                continue;
            }

            EndBlock();
            if (word == "else")
            {
                otherwise = Statements("endif");
                EndOf("endif");
            }

            return new IfStatement([.. branches], otherwise);
        }
    }

    private Statement For()
    {
        var names = Names();
        if (!TakeName("in"))
            throw Unexpected("'in'");
        var items = TupleExpression(withConditional: false);
        _scopes.Push(new Dictionary<string, int>(StringComparer.Ordinal));
        int[] slots = [.. names.Select(Declare)];
        var filter = TakeName("if") ? Expression() : null;
        EndBlock();
        var loop = Declare("loop");
        var body = Statements("else", "endfor");
        _scopes.Pop();
        Statement[] otherwise = [];
        Expect(TokenKind.BlockStart, "{% endfor %}");
        var word = Name();
        EndBlock();
        if (word == "else")
        {
            otherwise = Statements("endfor");
            EndOf("endfor");
        }

        return new ForStatement(slots, loop, items, filter, body, otherwise);
    }

    private Statement Do()
    {
        var value = TupleExpression();
        EndBlock();
        LocalCount++;

        return new SetStatement([LocalCount - 1], value);
    }

    private List<string> Names()
    {
        var round = TakeSign("(");
        var names = new List<string> { Name() };
        while (TakeSign(","))
            names.Add(Name());
        if (round)
            ExpectSign(")");

        return names;
    }

    private void EndBlock() => Expect(TokenKind.BlockEnd, "%}");

    private void EndOf(string word)
    {
        Expect(TokenKind.BlockStart, $"{{% {word} %}}");
        if (Name() != word)
            throw Unexpected(word);
        EndBlock();
    }

    private int Declare(string name)
    {
        if (!_scopes.Peek().TryGetValue(name, out var slot))
            _scopes.Peek()[name] = slot = LocalCount++;

        return slot;
    }

    private Node TupleExpression(bool withConditional = true)
    {
        var first = withConditional ? Expression() : Or();
        if (!IsSign(","))
            return first;

        var items = new List<Node> { first };
        while (TakeSign(","))
        {
            if (Current.Kind is TokenKind.OutputEnd or TokenKind.BlockEnd || IsSign(")"))
                break;
            items.Add(withConditional ? Expression() : Or());
        }

        return new ListNode([.. items], isTuple: true);
    }

    private Node Expression() => Nested(Conditional);

    private Node Conditional()
    {
        var then = Or();
        while (TakeName("if"))
        {
            var condition = Or();
            var otherwise = TakeName("else") ? Expression() : null;
            then = new ConditionalNode(then, condition, otherwise);
        }

        return then;
    }

    private Node Or()
    {
        var left = And();
        while (TakeName("or"))
            left = new LogicNode(left, And(), stopsWhen: true);

        return left;
    }

    private Node And()
    {
        var left = Not();
        while (TakeName("and"))
            left = new LogicNode(left, Not(), stopsWhen: false);

        return left;
    }

    private Node Not() => TakeName("not") ? new NotNode(Nested(Not)) : Comparison();

    private Node Comparison()
    {
        var first = Sum();
        var rest = new List<(string, Node)>();
        while (true)
        {
            if (Current.Kind == TokenKind.Sign && Current.Text is "==" or "!=" or "<" or "<=" or ">" or ">=")
                rest.Add((Take().Text, Sum()));
            else if (TakeName("in"))
                rest.Add(("in", Sum()));
            else if (Current is { Kind: TokenKind.Name, Text: "not" } && _tokens[_at + 1] is { Kind: TokenKind.Name, Text: "in" })
            {
                _at += 2;
                rest.Add(("not in", Sum()));
            }
            else
            {
                return rest.Count == 0 ? first : new CompareNode(first, [.. rest]);
            }
        }
    }

    private Node Sum()
    {
        var left = Concatenation();
        while (IsSign("+") || IsSign("-"))
            left = Take().Text == "+" ? new BinaryNode(left, Concatenation(), Operators.Add) : new BinaryNode(left, Concatenation(), Operators.Subtract);

        return left;
    }

    private Node Concatenation()
    {
        var left = Product();
        while (TakeSign("~"))
            left = new BinaryNode(left, Product(), Operators.Concatenate);

        return left;
    }

    private Node Product()
    {
        var left = Power();
        while (IsSign("*") || IsSign("/") || IsSign("//") || IsSign("%"))
        {
            left = Take().Text switch
            {
                "*" => new BinaryNode(left, Power(), Operators.Multiply),
                "/" => new BinaryNode(left, Power(), Operators.Divide),
                "//" => new BinaryNode(left, Power(), Operators.DivideDown),
                _ => new BinaryNode(left, Power(), Operators.Remainder),
            };
        }

        return left;
    }

    private Node Power()
    {
        var left = Unary(withFilter: true);
        while (TakeSign("**"))
            left = new BinaryNode(left, Unary(withFilter: true), Operators.Power);

        return left;
    }

    private Node Unary(bool withFilter)
    {
        Node node;
        if (TakeSign("-"))
            node = new NegateNode(Nested(() => Unary(withFilter: false)));
        else if (TakeSign("+"))
            node = Nested(() => Unary(withFilter: false));
        else
            node = Primary();
        node = Postfix(node);

        return withFilter ? Filtered(node) : node;
    }

    private Node Primary()
    {
        var token = Take();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return Named(token.Text);
            case TokenKind.Quoted:
                var text = token.Text;
                while (Current.Kind == TokenKind.Quoted)
                    text += Take().Text;
                return new ConstantNode(Value.Of(text));
            case TokenKind.Integer:
                return new ConstantNode(Value.Of(BigInteger.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Float:
                return new ConstantNode(Value.Of(double.Parse(token.Text, CultureInfo.InvariantCulture)));
            case TokenKind.Sign when token.Text == "(":
                return Nested(Round);
            case TokenKind.Sign when token.Text == "[":
                return Nested(List);
            case TokenKind.Sign when token.Text == "{":
                return Nested(Map);
            default:
                _at--;
                throw Unexpected("a value");
        }
    }

    private Node Named(string name)
    {
        switch (name)
        {
            case "true" or "True":
                return new ConstantNode(Value.True);
            case "false" or "False":
                return new ConstantNode(Value.False);
            case "none" or "None":
                return new ConstantNode(Value.None);
            case "self":
                // Jinja's template has no blocks here, so every member of it is undefined.
                return new ConstantNode(Value.Of(new ValueMap()));
        }

        foreach (var scope in _scopes)
        {
            if (scope.TryGetValue(name, out var slot))
                return new LocalNode(slot);
        }

        if (Functions.Find(name) is { } function && TakeSign("("))
            return new FunctionNode(function, CallArguments());
        if (name is "parameters" && !parameters.IsUndefined)
            return new ConstantNode(parameters);
        if (Variables.Find(name) is { } variable)
            return new VariableNode(variable, name);

        throw new ExpressionException(name == "stream_state"
            ? "'stream_state' is no longer a name of the language; 'stream_interval' is what to use."
            : $"'{name}' is not a name of the language.");
    }

    private Node Round()
    {
        if (TakeSign(")"))
            return new ListNode([], isTuple: true);
        var node = TupleExpression();
        ExpectSign(")");

        return node;
    }

    private Node List()
    {
        var items = new List<Node>();
        while (!TakeSign("]"))
        {
            items.Add(Expression());
            if (!TakeSign(",") && !IsSign("]"))
                throw Unexpected("',' or ']'");
        }

        return new ListNode([.. items], isTuple: false);
    }

    private Node Map()
    {
        var members = new List<(Node, Node)>();
        while (!TakeSign("}"))
        {
            var key = Expression();
            ExpectSign(":");
            members.Add((key, Expression()));
            if (!TakeSign(",") && !IsSign("}"))
                throw Unexpected("',' or '}'");
        }

        return new MapNode([.. members]);
    }

    private Node Postfix(Node node)
    {
        while (true)
        {
            if (TakeSign("."))
            {
                // A number after the dot is an index: 'items.0'.
                var token = Take();
                if (token.Kind == TokenKind.Integer)
                    node = new MemberNode(node, new ConstantNode(Value.Of(long.Parse(token.Text, CultureInfo.InvariantCulture))));
                else if (token.Kind != TokenKind.Name)
                    throw Unexpected("a name");
                else if (TakeSign("("))
                    node = new MethodNode(node, token.Text, CallArguments());
                else
                    node = new MemberNode(node, new ConstantNode(Value.Of(token.Text)));
            }
            else if (TakeSign("["))
            {
                node = Subscript(node);
            }
            else if (IsSign("("))
            {
                throw new ExpressionException("Only functions and methods can be called.");
            }
            else
            {
                return node;
            }
        }
    }

    private Node Subscript(Node subject)
    {
        var start = IsSign(":") ? null : Expression();
        if (start is not null && TakeSign("]"))
            return new MemberNode(subject, start);

        ExpectSign(":");
        var stop = IsSign(":") || IsSign("]") ? null : Expression();
        var step = TakeSign(":") && !IsSign("]") ? Expression() : null;
        ExpectSign("]");

        return new SliceNode(subject, start, stop, step);
    }

    private Node Filtered(Node node)
    {
        while (true)
        {
            if (TakeSign("|"))
            {
                var name = Name();
                var filter = Filters.Find(name) ?? throw new ExpressionException($"The filter '{name}' is not known.");
                node = Postfix(new FilterNode(node, filter, TakeSign("(") ? CallArguments() : ArgumentNodes.None));
            }
            else if (TakeName("is"))
            {
                node = IsTest(node);
            }
            else
            {
                return node;
            }
        }
    }

    private Node IsTest(Node subject)
    {
        var negated = TakeName("not");
        var token = Take();
        var name = token.Kind is TokenKind.Name ? token.Text : throw Unexpected("the name of a test");
        var test = Tests.Find(name) ?? throw new ExpressionException($"The test '{name}' is not known.");
        if (TakeSign("("))
            return new TestNode(subject, test, CallArguments(), negated);

        var takesOne = Current.Kind is TokenKind.Quoted or TokenKind.Integer or TokenKind.Float || IsSign("[") || IsSign("{")
            || (Current.Kind == TokenKind.Name && Current.Text is not ("else" or "or" or "and" or "if" or "is" or "in" or "not"));

        return new TestNode(subject, test, takesOne ? new ArgumentNodes([Postfix(Primary())], []) : ArgumentNodes.None, negated);
    }

    private ArgumentNodes CallArguments()
    {
        var positional = new List<Node>();
        var named = new List<(string, Node)>();
        while (!TakeSign(")"))
        {
            if (Current.Kind == TokenKind.Name && _tokens[_at + 1] is { Kind: TokenKind.Sign, Text: "=" })
            {
                var name = Name();
                Take();
                named.Add((name, Expression()));
            }
            else
            {
                positional.Add(Expression());
            }

            if (!TakeSign(",") && !IsSign(")"))
                throw Unexpected("',' or ')'");
        }

        return new ArgumentNodes([.. positional], [.. named]);
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > DepthMax)
            throw new ExpressionException("The expression is nested too deep.");
        var result = parse();
        _depth--;

        return result;
    }

    private Token Take() => Current.Kind == TokenKind.End ? throw Unexpected("more") : _tokens[_at++];

    private bool IsSign(string sign) => Current.Kind == TokenKind.Sign && Current.Text == sign;

    private bool TakeSign(string sign)
    {
        if (!IsSign(sign))
            return false;
        _at++;

        return true;
    }

    private bool TakeName(string name)
    {
        if (Current.Kind != TokenKind.Name || Current.Text != name)
            return false;
        _at++;

        return true;
    }

    private string Name() => Current.Kind == TokenKind.Name ? Take().Text : throw Unexpected("a name");

    private void ExpectSign(string sign)
    {
        if (!TakeSign(sign))
            throw Unexpected($"'{sign}'");
    }

    private void Expect(TokenKind kind, string what)
    {
        if (Current.Kind != kind)
            throw Unexpected($"'{what}'");
        _at++;
    }

    private ExpressionException Unexpected(string wanted) =>
        new($"Character {Current.Position + 1}: {wanted} is expected{(Current.Text.Length > 0 && Current.Text.Length < 30 ? $", not '{Current.Text}'" : "")}.");
}
